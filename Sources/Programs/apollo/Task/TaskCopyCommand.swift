import Archives
import Arguments
import Concurrency
import Core
import Glibc
import PlatformClients
import Terminal
import WebSockets

/// `apollo task cp`.
enum TaskCopyCommand {
    static let source = Parameter.argument(
        place.named("SOURCE"), help: "What to copy: TASK:PATH, or a file or folder here.")
    static let target = Parameter.argument(
        place.named("TARGET"), help: "Where to: a path here, or TASK:PATH.")

    static let place = ValueType<String>("PLACE", expecting: "a path, or TASK:PATH") { $0.isEmpty ? nil : $0 }

    static let command = Command(
        "cp", summary: "Copy files and folders from and to a running task",
        discussion: """
            One of the two is in the task, as TASK:PATH, the other one here. A folder is copied with all that is in it. Into a \
            folder that is there, it is put under its own name; else it gets the name that is given.

            Symbolic links are copied as links, and never followed. What an archive of the task wants to write elsewhere than \
            below the target is refused. In the task it is done by its own tar, as its user, by the rights that \
            'apollo task exec' takes.
            """,
        parameters: [source, target],
        examples: [
            Example("fetch a file", "apollo task cp web:/etc/nginx/nginx.conf ."),
            Example("bring a folder", "apollo task cp site web:/srv/site"),
        ],
        seeAlso: ["apollo task exec"]
    ) { invocation in
        let (from, to) = (remote(invocation[source]), remote(invocation[target]))
        let session = try Session(invocation)
        switch (from, to) {
        case (let from?, nil):
            try await session.withClient { client in
                _ = try await client.task(from.task)
                let program = TaskProgram(session: session, client: client, task: from.task)
                try await fetch(from.path, to: invocation[target], program)
            }
        case (nil, let to?):
            try await session.withClient { client in
                _ = try await client.task(to.task)
                let program = TaskProgram(session: session, client: client, task: to.task)
                try await bring(invocation[source], to: to.path, program)
            }
        default:
            throw invocation.usageError(
                "one of the two has to be in a task, as TASK:PATH, and the other one here")
        }
        return .success
    }

    /// `TASK:PATH`; nil for a path here, which may have a colon behind a slash.
    private static func remote(_ text: String) -> (task: String, path: String)? {
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/"), colon != text.startIndex
        else {
            return nil
        }
        let path = text[text.index(after: colon)...]
        return path.isEmpty ? nil : (String(text[..<colon]), String(path))
    }

    /// The folder and the name within it.
    static func split(_ path: String) throws(ApolloError) -> (folder: String, name: String) {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
        let name = trimmed.split(separator: "/").last.map(String.init) ?? ""
        guard !name.isEmpty, name != ".", name != ".." else {
            throw ApolloError(.invalid, "'\(path)' names no file or folder", hint: "write out its name")
        }
        let folder = trimmed.dropLast(name.count)
        return (folder.isEmpty ? "." : String(folder), name)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func fetch(_ path: String, to target: String, _ program: TaskProgram) async throws {
        let (folder, name) = try split(path)
        let place = isFolder(target) ? (folder: target, name: name) : try split(target)
        let pipe = try CopyPipe()
        let pool = BlockingPool(name: "copy", threads: 2)
        defer { pool.stop() }
        let unpacking = CopyUnpacking(folder: place.folder, from: name, to: place.name)
        try await withThrowingTaskGroup(of: TaskProgram.Outcome?.self) { group in
            group.addTask {
                defer { pipe.closeReader() }
                try await pool.run("unpacking") { try unpacking.run(from: pipe.reader) }
                return nil
            }
            group.addTask {
                defer { pipe.closeWriter() }
                return try await program.run(
                    ["tar", "cf", "-", "-C", folder, "./" + name],
                    output: { bytes in try await pool.run("filling a pipe") { try pipe.write(bytes) } })
            }
            var failure: (any Error)?
            while let result = await group.nextResult() {
                switch result {
                case .success(nil): break
                case .success(let outcome?): try TaskProgram.check(outcome, "reading \(path)")
                // A broken archive is the consequence of a tar that failed: that says more.
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { throw failure }
        }
    }

    private static func bring(_ path: String, to target: String, _ program: TaskProgram) async throws {
        let source = try split(path)
        let isInto = try await program.run(["test", "-d", target]).code == 0
        let place = isInto ? (folder: target, name: source.name) : try split(target)
        let pipe = try CopyPipe()
        let pool = BlockingPool(name: "copy", threads: 2)
        defer { pool.stop() }
        let packing = CopyPacking(path: path, name: place.name)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { pipe.closeWriter() }
                try await pool.run("packing") { try packing.run(to: pipe.writer) }
            }
            group.addTask {
                defer { pipe.closeReader() }
                let outcome = try await program.run(
                    ["tar", "xf", "-", "-C", place.folder],
                    input: { socket in
                        while case let bytes = try await pool.run("emptying a pipe", { try pipe.read() }),
                            !bytes.isEmpty
                        {
                            try await socket.send(.binary(bytes))
                        }
                    })
                try TaskProgram.check(outcome, "writing \(target)")
            }
            try await group.waitForAll()
        }
    }
}

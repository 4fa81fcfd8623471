import Glibc
import Synchronization

/// A server that is not ours, run for a test by a script of `Tests/Integration/harness`: it ends with this process, however that ends.
///
/// The script prints one line when the server can be used, then does what it reads, a line each, and answers `ok` or `error: …`.
public final class HarnessServer: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    // Its file is used under the lock alone.
    private struct Pipes: @unchecked Sendable {
        var commands: Int32
        var answers: UnsafeMutablePointer<FILE>
    }

    private let pipes: Mutex<Pipes>
    /// What the script said first: where the server is.
    public let address: String

    /// - Parameter script: a name in the harness, such as `postgresql.py`.
    public init(_ script: String, _ options: [String] = [], file: String = #filePath) throws {
        let tests = file.split(separator: "/").prefix { $0 != "Tests" }.joined(separator: "/")
        let path = "/\(tests)/Tests/Integration/harness/\(script)"
        let (input, output) = (try Self.pipe(), try Self.pipe())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.read, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        let words: [String] = ["/usr/bin/python3", path] + options
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/usr/bin/python3", &actions, nil, &arguments, environ)
        close(input.read)
        close(output.write)
        guard result == 0, let answers = fdopen(output.read, "r") else {
            throw Failure(description: "cannot start \(path): \(String(cString: strerror(result)))")
        }
        let opened = Pipes(commands: input.write, answers: answers)
        pipes = Mutex(opened)
        guard let first = Self.line(of: opened.answers), first.contains("://") else {
            throw Failure(description: "\(path) did not start a server")
        }
        address = first
    }

    deinit {
        pipes.withLock { pipes in
            // The end of its input is its end.
            close(pipes.commands)
            fclose(pipes.answers)
        }
    }

    /// Has the script do something: its first lines say what there is.
    public func tell(_ command: String) throws {
        try pipes.withLock { pipes in
            let bytes = Array((command + "\n").utf8)
            guard write(pipes.commands, bytes, bytes.count) == bytes.count else {
                throw Failure(description: "the server's script is gone")
            }
            let answer = Self.line(of: pipes.answers) ?? "nothing"
            guard answer == "ok" else { throw Failure(description: "'\(command)': \(answer)") }
        }
    }

    private static func line(of file: UnsafeMutablePointer<FILE>) -> String? {
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        let count = getline(&line, &capacity, file)
        guard count > 0, let line else { return nil }
        return String(cString: line).split(separator: "\n").first.map(String.init) ?? ""
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        // Not for the children that other tests start: the script waits for the last writer to go.
        guard Glibc.pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw Failure(description: "cannot make a pipe")
        }
        return (ends[0], ends[1])
    }
}

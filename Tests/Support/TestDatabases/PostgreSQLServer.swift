import Glibc
import Synchronization

/// A real PostgreSQL server for tests, run by `Tests/Integration/harness/postgresql.py`: it ends with this process, however that
/// ends.
public final class PostgreSQLServer: Sendable {
    /// The one that tests share which only need databases of their own; started by the first who asks.
    public static let shared = Result { try PostgreSQLServer() }

    /// Whether this machine can run one. The server refuses to run as root and is started as another user then.
    public static let isAvailable: Bool = {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("/usr/lib/postgresql/*/bin/postgres", 0, nil, &found) == 0 else { return false }
        return geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0
    }()

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    // Its file is used under the lock alone.
    private struct Pipes: @unchecked Sendable {
        var commands: Int32
        var answers: UnsafeMutablePointer<FILE>
        var databases = 0
    }

    private let pipes: Mutex<Pipes>
    /// The address of its databases, with `NAME` for theirs.
    private let address: String

    /// Starts one; `isDurable` has it wait for the disk, as it would by itself.
    public init(isDurable: Bool = false, file: String = #filePath) throws {
        let tests = file.split(separator: "/").prefix { $0 != "Tests" }.joined(separator: "/")
        let script = "/\(tests)/Tests/Integration/harness/postgresql.py"
        let (input, output) = (try Self.pipe(), try Self.pipe())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.read, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        let words: [String] = ["/usr/bin/python3", script] + (isDurable ? ["--durable"] : [])
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/usr/bin/python3", &actions, nil, &arguments, environ)
        close(input.read)
        close(output.write)
        guard result == 0, let answers = fdopen(output.read, "r") else {
            throw Failure(description: "cannot start \(script): \(String(cString: strerror(result)))")
        }
        let opened = Pipes(commands: input.write, answers: answers)
        pipes = Mutex(opened)
        guard let first = Self.line(of: opened.answers), first.hasPrefix("postgres://") else {
            throw Failure(description: "\(script) did not start a server")
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

    /// An empty database of its own; its address.
    public func create() throws -> String {
        let name = try pipes.withLock { pipes in
            pipes.databases += 1
            let name = "test\(pipes.databases)"
            try Self.tell("create \(name)", &pipes)
            return name
        }
        return address.replacing("NAME", with: name)
    }

    /// `kill`, `stop`, `start`, `pause`, `resume`, or `sql DATABASE STATEMENT`.
    public func tell(_ command: String) throws {
        try pipes.withLock { try Self.tell(command, &$0) }
    }

    private static func tell(_ command: String, _ pipes: inout Pipes) throws {
        let bytes = Array((command + "\n").utf8)
        guard write(pipes.commands, bytes, bytes.count) == bytes.count else {
            throw Failure(description: "the server's script is gone")
        }
        let answer = line(of: pipes.answers) ?? "nothing"
        guard answer == "ok" else { throw Failure(description: "'\(command)': \(answer)") }
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

public import Core
import Glibc
import Synchronization

/// Where one case works: a directory of its own, and whatever was started for it. Closing it leaves nothing behind.
public final class Workshop: Sendable {
    private struct State {
        var cleanups: [@Sendable () async -> Void] = []
        var peers: Set<String> = []
    }

    public let directory: String
    public let environment: Environment
    private let state = Mutex(State())

    /// Makes the directory.
    public init(environment: Environment) throws {
        self.environment = environment
        // Short: the paths of unix sockets under it have 107 bytes.
        var template = Array("/tmp/apollo-bench.XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else {
            throw ApolloError(
                .unavailable, "cannot make a directory in /tmp: \(String(cString: strerror(errno)))")
        }
        directory = String(cString: path)
    }

    /// Whether the peer is there and its samples are wanted.
    public func measures(_ peer: String) -> Bool { state.withLock { $0.peers.contains(peer) } }

    func measure(_ peers: Set<String>) { state.withLock { $0.peers = peers } }

    /// A path in the directory.
    public func path(_ name: String) -> String { directory + "/" + name }

    /// Writes a file in the directory, and returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// Writes a file of bytes in the directory, and returns its path.
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        let path = path(name)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("write", path) }
        defer { Glibc.close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.failure("write", path) }
            rest = rest.dropFirst(count)
        }
        return path
    }

    /// Has `cleanup` run when the workshop closes, before those that were added earlier.
    public func onClose(_ cleanup: @escaping @Sendable () async -> Void) {
        state.withLock { $0.cleanups.append(cleanup) }
    }

    /// Starts a program that runs until the workshop closes.
    public func start(
        _ executable: String, _ arguments: [String], variables: [String: String] = [:], log: String
    ) throws -> ChildProcess {
        let child = try ChildProcess(
            executable, arguments, variables: variables, output: path(log), errors: path(log + ".errors"))
        let clock = environment.clock
        onClose { await child.stop(clock: clock) }
        return child
    }

    /// Runs a program to its end and returns what it wrote. Throws ``ApolloError`` where it fails or takes longer than `limit`.
    public func run(
        _ executable: String, _ arguments: [String], within limit: Duration = .seconds(60)
    ) async throws -> ProgramOutput {
        let name = executable.split(separator: "/").last.map(String.init) ?? executable
        let (output, errors) = (path("\(name).output"), path("\(name).errors"))
        let child = try ChildProcess(executable, arguments, output: output, errors: errors)
        let status = try await child.end(within: limit, clock: environment.clock)
        let result = ProgramOutput(
            output: try TextFile.read(output) ?? "", errors: try TextFile.read(errors) ?? "")
        guard status == 0 else {
            let said = result.errors.isEmpty ? result.output : result.errors
            throw ApolloError(
                .unavailable,
                "'\(([name] + arguments).joined(separator: " "))' ended with \(status): \(said.prefix(500))")
        }
        return result
    }

    /// Waits until `condition` is no longer nil, and looks again every few milliseconds.
    public func waiting<Value: Sendable>(
        for what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Value?
    ) async throws -> Value {
        let deadline = environment.clock.now.advanced(by: limit)
        while true {
            if let value = try await condition() { return value }
            guard environment.clock.now < deadline else {
                throw ApolloError(.deadline, "\(what) took longer than \(limit.short)")
            }
            try await environment.clock.sleep(for: .milliseconds(10))
        }
    }

    /// Stops what was started, in reverse, and removes the directory. Once; `CaseRun` does it.
    public func close() async {
        let cleanups = state.withLock { state in
            defer { state.cleanups = [] }
            return state.cleanups
        }
        for cleanup in cleanups.reversed() { await cleanup() }
        // What cannot be removed lies in /tmp; the figures stand.
        _ = try? ChildProcess("rm", ["-rf", directory]).wait(within: .seconds(60))
    }

    static func failure(_ verb: String, _ path: String) -> ApolloError {
        ApolloError(.unavailable, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

/// What a program wrote.
public struct ProgramOutput: Hashable, Sendable {
    public var output: String
    public var errors: String
}

import ClusterModel
import Core
import Synchronization
import TaskRuntimes

/// One clause being checked: a runtime, and every attempt that was started, to be cleaned up whatever happens.
final class ContractRun: Sendable {
    let subject: ContractSubject
    let runtime: any TaskRuntime
    private let launched = Mutex<[AttemptID]>([])

    init(_ subject: ContractSubject) async throws {
        self.subject = subject
        runtime = try await subject.makeRuntime()
    }

    /// A launch with fresh ids, remembered for the cleaning.
    func launch(_ spec: TaskSpec) -> AttemptLaunch {
        let attempt: AttemptID = subject.environment.identifier()
        let task: TaskID = subject.environment.identifier()
        launched.withLock { $0.append(attempt) }
        return AttemptLaunch(
            attempt: attempt, task: task, taskName: "contract-\(attempt)", project: "default", spec: spec)
    }

    @discardableResult
    func start(_ launch: AttemptLaunch) async throws -> StartedAttempt {
        try await runtime.start(launch) { _ in }
    }

    /// Starts `script` and returns its attempt.
    func start(script: String, _ change: (inout TaskSpec) -> Void = { _ in }) async throws -> AttemptID {
        var spec = subject.shell(script)
        change(&spec)
        let launch = launch(spec)
        try await start(launch)
        return launch.attempt
    }

    /// Starts `script`, waits for its end, and returns that and all it wrote.
    func run(
        script: String, _ change: (inout TaskSpec) -> Void = { _ in }
    ) async throws -> (exit: AttemptExit, output: [LogRecord]) {
        let attempt = try await start(script: script, change)
        let exit = try await runtime.wait(attempt)
        return (exit, try await records(attempt))
    }

    /// All that a query gives until its end.
    func records(
        _ attempt: AttemptID, _ query: LogQuery = LogQuery(), from other: (any TaskRuntime)? = nil
    ) async throws -> [LogRecord] {
        let reader = try await (other ?? runtime).logs(attempt, query)
        var all: [LogRecord] = []
        while let batch = try await reader.next() {
            try require(!batch.isEmpty, "a reader gave an empty batch")
            all += batch
        }
        try require(try await reader.next() == nil, "a reader gave more after its end")
        await reader.close()
        return all
    }

    /// Reads until the output contains `text`; returns all read so far.
    func read(_ reader: any LogReader, until text: String) async throws -> [LogRecord] {
        var all: [LogRecord] = []
        while !all.text.contains(text) {
            guard let batch = try await reader.next() else {
                throw ContractViolation(
                    message: "the output ended before '\(text)'; it was '\(all.text)'", file: #fileID,
                    line: #line)
            }
            all += batch
        }
        return all
    }

    /// Returns once the attempt has written `ready`.
    func awaitReady(_ attempt: AttemptID) async throws {
        let reader = try await runtime.logs(attempt, LogQuery(follow: true))
        _ = try await read(reader, until: "ready\n")
        await reader.close()
    }

    /// What `list` says of the attempt.
    func listed(_ attempt: AttemptID, by other: (any TaskRuntime)? = nil) async throws -> RuntimeAttempt? {
        try await (other ?? runtime).list().first { $0.attempt == attempt }
    }

    /// Expects `body` to throw `error`.
    func expect(
        _ error: RuntimeError, from what: String, _ body: () async throws -> Void, file: String = #fileID,
        line: Int = #line
    ) async throws {
        do {
            try await body()
        } catch let found as RuntimeError {
            try require(found == error, "\(what) threw \(found), expected \(error)", file: file, line: line)
            return
        }
        throw ContractViolation(message: "\(what) did not throw \(error)", file: file, line: line)
    }

    /// What `body` throws when its task is cancelled.
    func errorWhenCancelled(
        _ body: @escaping @Sendable () async throws(RuntimeError) -> Void
    ) async -> RuntimeError? {
        await withTaskGroup(of: RuntimeError?.self) { group in
            group.addTask {
                do throws(RuntimeError) {
                    try await body()
                    return nil
                } catch {
                    return error
                }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
    }

    /// Stops and removes all that was started. What was never really started is unknown, and that is fine.
    func cleanUp() async throws {
        for attempt in launched.withLock({ $0 }) {
            do {
                try await runtime.stop(attempt, grace: .zero)
            } catch let error {
                // A pattern in the catch itself (`catch .unknownAttempt`) crashes the compiler of Swift 6.3.1.
                if error != .unknownAttempt { throw error }
            }
            try await runtime.remove(attempt)
        }
    }
}

extension [LogRecord] {
    /// The bytes of one stream, or of both in the order they came.
    func bytes(of stream: LogRecord.Stream? = nil) -> [UInt8] {
        reduce(into: []) { if stream == nil || $1.stream == stream { $0 += $1.bytes } }
    }

    var text: String { String(decoding: bytes(), as: UTF8.self) }

    func text(of stream: LogRecord.Stream) -> String { String(decoding: bytes(of: stream), as: UTF8.self) }
}

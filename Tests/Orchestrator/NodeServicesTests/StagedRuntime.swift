import ClusterModel
import Concurrency
import Core
import Synchronization
import TaskRuntimes

/// A runtime whose attempts end, write and hang as a test says.
final class StagedRuntime: TaskRuntime {
    struct State {
        var attempts: [AttemptID: (launch: AttemptLaunch, exit: Latch<AttemptExit>)] = [:]
        var starts = 0
        var watches = 0
    }

    let state = Mutex(State())
    let kind = RuntimeKind.process
    /// What attempts write; ends when closed.
    let output = Mailbox<LogRecord>("output", capacity: 10_000)

    func probe() async -> RuntimeStatus { RuntimeStatus(kind: kind, isAvailable: true, detail: "staged") }

    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        if launch.taskName == "refused" { throw .rejected("no such command", hint: "choose another") }
        report(LaunchProgress(activity: "starting"))
        state.withLock { state in
            state.starts += 1
            if state.attempts[launch.attempt] == nil { state.attempts[launch.attempt] = (launch, Latch()) }
        }
        return StartedAttempt(startedAt: Timestamp(microseconds: 1), warnings: ["staged"])
    }

    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        let latch = state.withLock { state in
            state.watches += 1
            return state.attempts[attempt]?.exit
        }
        guard let latch else { throw .unknownAttempt }
        do { return try await latch.value() } catch { throw .cancelled }
    }

    func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) { end(attempt, code: 143) }

    func remove(_ attempt: AttemptID) async throws(RuntimeError) {
        state.withLock { $0.attempts[attempt] = nil }
    }

    func list() async throws(RuntimeError) -> [RuntimeAttempt] {
        state.withLock { state in
            state.attempts.map { id, entry in
                RuntimeAttempt(
                    attempt: id, task: entry.launch.task, startedAt: Timestamp(microseconds: 1),
                    exit: entry.exit.current)
            }
        }
    }

    func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        guard state.withLock({ $0.attempts[attempt] != nil }) else { throw .unknownAttempt }
        return StagedReader(output: output)
    }

    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? {
        guard let exit = state.withLock({ $0.attempts[attempt]?.exit }) else { throw .unknownAttempt }
        return exit.isOpen ? nil : AttemptUsage(cpuSeconds: 1.5, memory: ByteCount(4096), processes: 2)
    }

    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession {
        throw .unavailable("nothing is run beside these attempts", hint: "")
    }

    func end(_ attempt: AttemptID, code: Int32) {
        let exit = AttemptExit(code: code, endedAt: Timestamp(microseconds: 2), reason: "exit code \(code)")
        state.withLock { $0.attempts[attempt]?.exit }?.set(exit)
    }
}

extension Latch {
    fileprivate var isOpen: Bool { current != nil }
}

private struct StagedReader: LogReader {
    let output: Mailbox<LogRecord>

    func next() async throws(RuntimeError) -> [LogRecord]? {
        do { return try await output.nextBatch() } catch { throw .cancelled }
    }

    func close() async {}
}

import ClusterModel
import Concurrency
import Core
import Synchronization
import TaskRuntimes

/// A runtime whose attempts end when the test says so.
final class ScriptedRuntime: TaskRuntime {
    struct State {
        var attempts: [AttemptID: (launch: AttemptLaunch, exit: Latch<AttemptExit>)] = [:]
        var starts = 0
        var isAvailable = true
        var refusal: RuntimeError?
    }

    let state = Mutex(State())
    let kind = RuntimeKind.process
    /// Where starts wait, when set: until it opens or they are cancelled.
    let gate: Latch<Void>?

    init(gate: Latch<Void>? = nil) { self.gate = gate }

    func probe() async -> RuntimeStatus {
        RuntimeStatus(kind: kind, isAvailable: state.withLock { $0.isAvailable }, detail: "scripted")
    }

    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        if let gate {
            report(LaunchProgress(activity: "waiting at the gate"))
            do { try await gate.wait() } catch { throw .cancelled }
        }
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        state.withLock { state in
            state.starts += 1
            if state.attempts[launch.attempt] == nil { state.attempts[launch.attempt] = (launch, Latch()) }
        }
        return StartedAttempt(startedAt: Timestamp(microseconds: 1))
    }

    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        guard let latch = state.withLock({ $0.attempts[attempt]?.exit }) else { throw .unknownAttempt }
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
        throw .unknownAttempt
    }

    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? { nil }

    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession {
        throw .unavailable("nothing is run beside these attempts", hint: "")
    }

    func end(_ attempt: AttemptID, code: Int32) {
        let exit = AttemptExit(code: code, endedAt: Timestamp(microseconds: 2), reason: "exit code \(code)")
        state.withLock { $0.attempts[attempt]?.exit }?.set(exit)
    }
}

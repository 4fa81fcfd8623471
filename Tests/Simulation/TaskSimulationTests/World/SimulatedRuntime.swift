import ClusterModel
import Concurrency
import Core
import TaskRuntimes

/// The way from one life of the platform to an engine. Everything it asks takes time, may get no answer, and may be done
/// although no answer came.
final class SimulatedRuntime: TaskRuntime {
    let kind: RuntimeKind
    private let engine: SimulatedEngine
    private let environment: Environment

    init(_ engine: SimulatedEngine, _ environment: Environment) {
        kind = engine.kind
        self.engine = engine
        self.environment = environment
    }

    private func ask<Answer: Sendable>(
        within limit: Duration?, starting attempt: AttemptID? = nil,
        _ request: @escaping @Sendable (SimulatedEngine) async -> Result<Answer, RuntimeError>
    ) async throws(RuntimeError) -> Answer {
        let answer = Latch<Result<Answer, RuntimeError>>()
        let engine = engine
        let lost = RuntimeError.unavailable("the engine went away", hint: "start it")
        let call = engine.request(starting: attempt) {
            answer.set(await request(engine))
        } onLoss: {
            answer.set(.failure(lost))
        }
        guard let call else {
            do { try await environment.clock.sleep(for: .milliseconds(2)) } catch { throw .cancelled }
            throw .unavailable("no engine answers", hint: "start it")
        }
        defer { engine.hangUp(call) }
        let result: Result<Answer, RuntimeError>
        do {
            if let limit {
                result = try await withDeadline(limit, clock: environment.clock, of: "the call") {
                    try await answer.value()
                }
            } else {
                result = try await answer.value()
            }
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .unavailable("the engine did not answer in time", hint: "look into its log")
        }
        return try result.get()
    }

    func probe() async -> RuntimeStatus {
        do throws(RuntimeError) {
            _ = try await ask(within: .seconds(5)) { _ in .success(()) }
            return RuntimeStatus(kind: kind, isAvailable: true, detail: "simulated")
        } catch {
            return RuntimeStatus(kind: kind, isAvailable: false, detail: error.asApolloError.message)
        }
    }

    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        report(LaunchProgress(activity: "starting"))
        do throws(RuntimeError) {
            return try await ask(within: .seconds(600), starting: launch.attempt) { await $0.start(launch) }
        } catch {
            // Told, and not waited for: it may have started by then.
            let engine = engine
            if error == .cancelled { engine.tell { engine.giveUp(launch.attempt) } }
            throw error
        }
    }

    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        try await ask(within: nil) { await $0.wait(attempt) }
    }

    func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {
        try await ask(within: grace + .seconds(30)) { await $0.stop(attempt, grace: grace) }
    }

    func remove(_ attempt: AttemptID) async throws(RuntimeError) {
        try await ask(within: .seconds(30)) { await $0.remove(attempt) }
    }

    func list() async throws(RuntimeError) -> [RuntimeAttempt] {
        try await ask(within: .seconds(30)) { await $0.list() }
    }

    func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        throw .unknownAttempt
    }

    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? { nil }

    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession {
        throw .unavailable("nothing is run beside these attempts", hint: "")
    }
}

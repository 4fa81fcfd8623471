public import ClusterModel
import Concurrency
public import Core
import HTTPClients
import Synchronization
public import TaskRuntimes

/// Waiting for attempts, and ending them.
extension DockerRuntime {
    public func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        var backoff = Backoff(base: .milliseconds(100), cap: .seconds(5))
        while true {
            do throws(RuntimeError) {
                if let exit = try await waitOnce(attempt) { return exit }
                // It was made and is just being started, or the engine answered too early: ask again.
            } catch {
                // The engine may be restarted under a running container: the wait goes on when it is back.
                guard case .unavailable = error else { throw error }
            }
            guard let pause = backoff.next(random: environment.random) else { continue }
            do { try await environment.clock.sleep(for: pause) } catch { throw .cancelled }
        }
    }

    private func waitOnce(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit? {
        try await call("waiting for the container") { (engine) throws(EngineFailure) in
            guard let id = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            try await engine.wait(id, within: nil)
            return try await end(of: attempt, id, engine)
        }
    }

    private func end(
        of attempt: AttemptID, _ id: String, _ engine: Engine
    ) async throws(EngineFailure) -> AttemptExit? {
        let container = try await engine.inspect(id)
        if container.startedAt == nil, !memory.withLock({ $0.starting.contains(attempt) }) {
            return Self.neverStarted(at: environment.wallClock.now)
        }
        return container.exit
    }

    public func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {
        try await call("stopping the container") { (engine) throws(EngineFailure) in
            guard let id = try await find(attempt, engine) else { throw .known(.unknownAttempt) }
            let container = try await engine.inspect(id)
            guard container.state.isRunning else { return }
            if container.state.isPaused == true { try await engine.unpause(id) }
            // Images name the signal that their program takes for a polite one: nginx SIGQUIT, PostgreSQL SIGINT.
            let signal = container.configuration.stopSignal ?? ""
            guard try await kill(id, signal: signal.isEmpty ? "SIGTERM" : signal, engine) else { return }
            if grace > .zero {
                do throws(EngineFailure) { return try await engine.wait(id, within: grace) } catch {
                    guard error.isTimeout else { throw error }
                }
            }
            guard try await kill(id, signal: "SIGKILL", engine) else { return }
            do throws(EngineFailure) { try await engine.wait(id, within: .seconds(60)) } catch {
                guard error.isTimeout else { throw error }
                throw .known(
                    .unavailable(
                        "the engine did not end the container within a minute of SIGKILL",
                        hint: "a process may hang in the kernel; look into the engine's log"))
            }
        }
    }

    /// False where it does not run any more.
    private func kill(_ id: String, signal: String, _ engine: Engine) async throws(EngineFailure) -> Bool {
        do throws(EngineFailure) {
            try await engine.kill(id, signal: signal)
            return true
        } catch {
            guard error.isConflict else { throw error }
            return false
        }
    }
}

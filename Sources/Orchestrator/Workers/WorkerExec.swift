import Concurrency
import Core
public import TaskDecisions
public import TaskRuntimes

// Programs beside attempts.
extension Worker {
    public func exec(
        _ place: AttemptPlace, _ request: ExecRequest,
        _ use: @escaping @Sendable (any ExecSession) async throws -> Void
    ) async throws {
        guard sessions.tryAcquire() else {
            throw RuntimeError.exhausted(
                "\(sessions.count) programs run beside tasks of this machine already",
                hint: "end some of them")
        }
        defer { sessions.release() }
        let session = try await runtime(place.runtime).exec(place.attempt, request)
        do { try await use(session) } catch {
            await session.close()
            throw error
        }
        await session.close()
    }
}

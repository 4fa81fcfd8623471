import Concurrency
import Jobs

/// The loop of jobs: decides, stores and carries out until the platform ends.
struct JobsService: Service {
    let name = "jobs"
    let jobs: JobKeeper

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await jobs.run() }
            context.markReady()
            try await context.waitForDrain()
            // What is stored and not done yet is done by the next start.
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

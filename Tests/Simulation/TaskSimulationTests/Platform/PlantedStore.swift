import ClusterModel
import Core
import Managers
import Simulation
import TaskDecisions

/// A store with a planted fault.
struct PlantedStore: TaskStore {
    let plant: Plant
    let store: SimulatedStore
    /// Takes what is to be done later.
    let later: @Sendable (@escaping @Sendable () async -> Void) -> Void

    func load() async throws -> [StoredTask] {
        var tasks = try await store.load()
        for index in tasks.indices {
            if plant == .forgetsKeys { tasks[index].idempotencyKey = nil }
            if plant == .loadsOldStates, tasks[index].record.state.isFinal {
                tasks[index].record.state = .pending
            }
        }
        return tasks
    }

    func commit(_ batch: [StoredChange]) async throws {
        switch plant {
        case .acknowledgesEarly:
            // Fails only when the platform ends, and then it is lost: that is the fault.
            later { try? await store.commit(batch) }
        case .refusesAndStores where store.disk.random.chance(0.1):
            try await store.commit(batch)
            throw ApolloError(.unavailable, "the database went away", hint: "try again")
        case .neverAnswers where store.disk.random.chance(0.02):
            try await store.environment.clock.sleep(until: MonotonicInstant(nanoseconds: .max))
        case .forgetsChanges where store.disk.random.chance(0.1):
            try await store.commit(Array(batch.dropLast()))
        default: try await store.commit(batch)
        }
    }
}

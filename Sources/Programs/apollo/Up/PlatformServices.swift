import Concurrency
import Core
import EventLoops
import HTTPServers
import Jobs
import Managers
import NodePolls
import ServiceDirectories
import Workers

/// The manager's writer: stores and carries out until nothing more can be decided.
struct ManagerService: Service {
    let name = "manager"
    let manager: Manager

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await manager.run() }
            context.markReady()
            try await context.waitForDrain()
            // What was decided is still stored; then the writer ends by itself.
            manager.close()
            try await group.waitForAll()
        }
    }
}

/// What is known of where tasks answer, kept up to date.
struct DirectoryService: Service {
    let name = "services"
    let directory: ServiceDirectory

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await directory.run() }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }
}

/// The worker of this machine: ready once the manager knows what is on it.
struct WorkerService: Service {
    let name = "worker"
    let worker: Worker
    let manager: Manager
    let responder: MetricsResponder

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            await manager.join(worker)
            group.addTask { await responder.run() }
            context.markReady()
            try await context.waitForDrain()
            // Attempts run on: the next start adopts them.
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

/// Moves tasks onto nodes that come, where the settings want it.
struct RebalanceService: Service {
    let name = "rebalance"
    let rebalancer: Rebalancer

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await rebalancer.run() }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }
}

/// Asks the machines what they are busy with, as long as this manager leads.
struct PollService: Service {
    let name = "polls"
    let poller: NodePoller

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await poller.run() }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }
}

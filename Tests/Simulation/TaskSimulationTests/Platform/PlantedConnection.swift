import ClusterModel
import Core
import Simulation
import TaskDecisions
import TaskRuntimes
import Workers

/// The manager's way to a worker, with a planted fault.
struct PlantedConnection: NodeConnection {
    let plant: Plant
    let worker: Worker

    var node: NodeID { worker.node }

    func describe() async -> Node {
        var node = await worker.describe()
        if plant == .boastsCapacity {
            node.capacity.cpuMillis *= 2
            node.capacity.tasks *= 2
        }
        return node
    }

    func refresh() async { await worker.refresh() }

    func attempts() async -> [RuntimeKind: [FoundAttempt]] {
        let found = await worker.attempts()
        return plant == .hidesRunning ? found.mapValues { $0.filter { $0.exit != nil } } : found
    }

    func perform(_ directive: Directive) {
        switch (plant, directive) {
        case (.dropsStops, .stop), (.dropsCancels, .cancelLaunch), (.dropsWatches, .watch),
            (.dropsRemovals, .remove):
            return
        case (.startsTwice, .launch(var launch, let node)):
            worker.perform(directive)
            launch.attempt = AttemptID(parsing: String(launch.attempt.text.reversed()))!
            worker.perform(.launch(launch, on: node))
        default: worker.perform(directive)
        }
    }

    func logs(_ place: AttemptPlace, _ query: LogQuery) async throws -> any LogReader {
        try await worker.logs(place, query)
    }

    func metrics() async throws -> NodeMetrics? { await worker.metrics() }

    func usage(_ place: AttemptPlace) async throws -> AttemptUsage? { try await worker.usage(place) }

    func exec(
        _ place: AttemptPlace, _ request: ExecRequest,
        _ use: @escaping @Sendable (any ExecSession) async throws -> Void
    ) async throws { try await worker.exec(place, request, use) }
}

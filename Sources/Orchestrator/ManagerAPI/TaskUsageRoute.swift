import APIMessages
import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import Managers
import TaskDecisions
import TaskRuntimes
import Workers

// What a task uses now, which only its node can say.
extension TaskRoutes {
    var usage: Route<Caller> {
        Route<Caller>(
            .get, "/api/v1/tasks/{task}/usage", operation: "getTaskUsage",
            summary: "What a running task uses now", tag: "tasks", access: Self.access(.read),
            parameters: [Self.handle, Self.project],
            responses: [.json(.of(TaskUsage.self), "Processor time, memory, processes and disks.")]
        ) { call in
            let record = try self.find(call)
            let (place, connection) = try self.running(record)
            let usage: AttemptUsage?
            do {
                usage = try await connection.usage(place)
            } catch RuntimeError.unknownAttempt {
                usage = nil  // It ended, and was removed, a moment ago.
            } catch let error as RuntimeError {
                throw error.asApolloError
            }
            guard let usage else {
                throw ApolloError(
                    .conflict, "\(record.name) has just ended", hint: "'apollo task ps' shows what runs")
            }
            return try .json(
                TaskUsage(
                    attempt: place.attempt, node: place.node, cpuSeconds: usage.cpuSeconds,
                    memory: usage.memory, processes: usage.processes,
                    takenAt: self.environment.wallClock.now,
                    cpuLimit: record.spec.resources.cpuMillis.map { Double($0) / 1000 },
                    memoryLimit: record.spec.resources.memory, readBytes: usage.readBytes,
                    writtenBytes: usage.writtenBytes))
        }
    }
}

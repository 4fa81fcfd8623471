import APIMessages
import APIServers
import Buses
import ClusterModel
import Concurrency
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import Managers

/// `/api/v1/events`.
struct EventRoutes {
    let bus: any Bus
    let environment: Environment
    /// The manager that leads, where there are several.
    let leader: @Sendable () -> ManagerDescription?

    private static let project = Parameter<String?>.query(
        "project", "Only tasks of this project.", schema: .string(.name))

    var routes: [Route<Caller>] { [events] }

    private var events: Route<Caller> {
        Route(
            .get, "/api/v1/events", operation: "followEvents", summary: "Follow what changes",
            description: """
                Server-sent events of what the caller may list: `task` with a task whenever it changed, `task-removed` with the \
                `id` and `project` of one that is forgotten, `job` and `job-removed` the same of jobs, `node` with a node whenever \
                it changed. The first is `ready`: what changes from then on is told, so read the lists after it. Where there are \
                several managers, `leader` with the one that leads comes next: with another the stream ends. `missed`, with a \
                `count`, says that the reader was too slow for some: read the lists again. Never ends by itself.
                """,
            tag: "service",
            access: .authenticated,
            parameters: [Self.project], responses: [.events("Changes as they come.")]
        ) { call in
            // Without a project there is nothing to refuse: each event is checked.
            if let project = call[Self.project] {
                try await call.context.require(
                    Caller.Permission(.list, try Resources.all(.task, in: project)))
            }
            let follower = EventFollower(
                bus: self.bus, caller: call.context, project: call[Self.project],
                leader: self.leader())
            let pump = LivePump(clock: self.environment.clock, heartbeat: ServerSentEvent.heartbeat)
            return .events { writer in try await pump.run(to: writer, follower.run) }
        }
    }
}

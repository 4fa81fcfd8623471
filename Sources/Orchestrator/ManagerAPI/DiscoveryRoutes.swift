import APIMessages
public import APIServers
import ClusterModel
import Concurrency
public import Core
import Discovery
import Documents
import HTTPModel
public import HTTPRouting
import Identity
import JobModel
public import Jobs
public import ServiceDirectories

/// `/api/v1/services`: where the instances of jobs answer.
public struct DiscoveryRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("services", "Where the instances of jobs answer.")
    ]

    private let jobs: JobKeeper
    private let directory: ServiceDirectory
    private let environment: Environment

    public init(_ jobs: JobKeeper, _ directory: ServiceDirectory, _ environment: Environment) {
        self.jobs = jobs
        self.directory = directory
        self.environment = environment
    }

    private static let handle = Parameter<String>.path("service", "The name of a job.")
    private static let project = Parameter<String>.query(
        "project", "The project it belongs to.", schema: .string(.name), default: "default")

    public var routes: [Route<Caller>] { [list, get, watch] }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/services", operation: "listServices",
            summary: "List jobs that are not over, by their names, and how much of them is ready",
            tag: "services",
            access: .permissionFor {
                Caller.Permission(.list, try Resources.all(.job, in: $0[Self.project]))
            },
            parameters: [Self.project] + PageRequest.parameters,
            responses: [.json(.page(of: .of(ServiceSummary.self)), "A page of services.")]
        ) { call in
            let page = try call.page()
            let after = page.cursor?.parts.first ?? ""
            let table = self.directory.table
            let found = self.jobs.list(project: call[Self.project]).filter {
                $0.name > after && !$0.state.isFinal
            }
            let items = found.prefix(page.limit).map { job in
                Self.summary(job, table.endpoints(of: ServiceName(project: job.project, job: job.name)).count)
            }
            let next = found.count > page.limit ? items.last.map { Cursor([$0.name]) } : nil
            return try .json(Page(items: items, next: next))
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/services/{service}", operation: "getService",
            summary: "Where the instances of a job answer",
            description: """
                Of those that are ready: what DNS tells on the workers. An `address` of a port that is `0.0.0.0` or `::` stands \
                for all of its node, whose own is `address` of the instance.
                """,
            tag: "services", access: named.access(.read), parameters: [Self.handle, Self.project],
            responses: [.json(.of(ServiceDetail.self), "The service.")]
        ) { call in
            try .json(self.detail(try self.named.find(call)))
        }
    }

    private var watch: Route<Caller> {
        Route(
            .get, "/api/v1/services/{service}/watch", operation: "watchService",
            summary: "Follow where the instances of a job answer",
            description: """
                Server-sent events: `service` with all of it, now and whenever it changes. Ends when the job is forgotten. A slow \
                reader misses states, never the last.
                """,
            tag: "services", access: named.access(.read), parameters: [Self.handle, Self.project],
            responses: [.events("States as they come.")]
        ) { call in
            let job = try self.named.find(call)
            let feed = self.directory.follow(ServiceName(project: job.project, job: job.name))
            let pump = LivePump(clock: self.environment.clock, heartbeat: ServerSentEvent.heartbeat)
            return .events { writer in
                try await pump.run(to: writer) { pieces in
                    while true {
                        _ = try await feed.next()
                        guard let now = self.jobs.find(job.id.text, project: job.project) else { return }
                        let json = try JSONWriter.bytes(encoding: self.detail(now))
                        try await pieces.sendWaiting(
                            ServerSentEvent(event: "service", data: String(decoding: json, as: UTF8.self))
                                .bytes)
                    }
                }
            }
        }
    }

    // MARK: Parts

    private var named: NamedJob {
        NamedJob(
            jobs: jobs, handle: Self.handle, project: Self.project, noun: "service",
            lister: "apollo service ls")
    }

    private func detail(_ job: JobRecord) -> ServiceDetail {
        let endpoints = directory.endpoints(of: ServiceName(project: job.project, job: job.name))
        return ServiceDetail(service: Self.summary(job, endpoints.count), endpoints: endpoints)
    }

    private static func summary(_ job: JobRecord, _ ready: Int) -> ServiceSummary {
        let service = ServiceName(project: job.project, job: job.name)
        return ServiceSummary(
            name: job.name, project: job.project, domain: ServiceAddress(service: service).domain,
            ready: ready, wanted: job.groups.reduce(0) { $0 + $1.desired })
    }
}

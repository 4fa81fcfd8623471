public import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
import JobModel
public import Jobs

/// `/api/v1/jobs`.
public struct JobRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("jobs", "Tasks that belong together.")
    ]

    let jobs: JobKeeper
    let rights: TaskAdmission

    public init(_ jobs: JobKeeper, _ rights: TaskAdmission) {
        self.jobs = jobs
        self.rights = rights
    }

    private static let handle = Parameter<String>.path("job", "The name or the identifier of a job.")
    static let project = Parameter<String>.query(
        "project", "The project it belongs to.", schema: .string(.name), default: "default")

    public var routes: [Route<Caller>] {
        [run, plan, list, get, scale, revert, restart, stop, remove, trigger, suspend, resume]
    }

    private var run: Route<Caller> {
        Route(
            .post, "/api/v1/jobs", operation: "runJob", summary: "Run a job, or give it a new version",
            description: """
                Returns once it is stored: from then on it is not lost. A job of that name gets the new specification; \
                `If-Match` has it replace only the revision that was seen, `If-None-Match: *` only make a new one. A request \
                with an `Idempotency-Key` can be sent again: it changes nothing more.
                """,
            tag: "jobs",
            access: .permissionFor {
                Caller.Permission(.write, try Resources.all(.job, in: $0[Self.project]))
            },
            parameters: [Self.project], body: .json(JobSpec.self),
            responses: [
                .json(.of(JobRecord.self), "The job with its new version."),
                .json(.of(JobRecord.self), "The same, of a new one.", status: .created),
            ]
        ) { call in
            let spec = try await JobSpec.read(
                DocumentDecoder().read(call.bodyBytes(), of: "the request body"), of: "the request body")
            for task in spec.tasks {
                try await self.rights.require(spec.template(task), in: call[Self.project], by: call.context)
            }
            if let fault = self.jobs.fault(spec) { throw fault }
            let key = try Self.idempotencyKey(call)
            let record = try await call.context.access.adding(to: call[Self.project]) {
                try await self.jobs.run(spec, project: call[Self.project], by: call.context.name, key: key) {
                    revision in try call.requireMatch(revision.map { EntityTag(revision: $0) })
                }
            }
            return try Self.response(record, record.revision == 1 ? .created : .ok)
        }
    }

    private static func idempotencyKey(_ call: Call<Caller>) throws -> String? {
        guard let key = call.request.fields["Idempotency-Key"] else { return nil }
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ApolloError(
                .invalid, "the Idempotency-Key is not usable", hint: "send 1 to 128 visible ASCII characters")
        }
        // Another principal's key, or another project's, must not give away that job.
        return "\(call.context.name) \(call[project]) \(key)"
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/jobs", operation: "listJobs", summary: "List jobs, by their names", tag: "jobs",
            access: .permissionFor {
                Caller.Permission(.list, try Resources.all(.job, in: $0[Self.project]))
            },
            parameters: [Self.project] + PageRequest.parameters,
            responses: [.json(.page(of: .of(JobRecord.self)), "A page of jobs.")]
        ) { call in
            let page = try call.page()
            let found = try self.jobs.page(
                project: call[Self.project], after: page.cursor?.parts.first ?? "", limit: page.limit)
            return .page(written: found.items, next: found.isMore ? found.last.map { Cursor([$0]) } : nil)
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/jobs/{job}", operation: "getJob", summary: "Look at one job and its instances",
            description: "The ETag is the job's revision, which counts what was asked of it.", tag: "jobs",
            access: access(.read), parameters: [Self.handle, Self.project],
            responses: [.json(.of(JobDetail.self), "The job.")]
        ) { call in
            let record = try self.find(call)
            return try .json(
                JobDetail(
                    job: record, instances: self.jobs.instances(record.id),
                    nextRuns: self.jobs.nextRuns(record.id)),
                fields: HTTPFields(["ETag": EntityTag(revision: record.revision).description]))
        }
    }

    private var scale: Route<Caller> {
        Route(
            .post, "/api/v1/jobs/{job}/scale", operation: "scaleJob",
            summary: "Change how many instances a service has", tag: "jobs", access: access(.write),
            parameters: [Self.handle, Self.project], body: .json(ScaleRequest.self),
            responses: [.json(.of(JobRecord.self), "The job as it is now.")]
        ) { call in
            let (record, request) = (try self.find(call), try await call.body(ScaleRequest.self))
            return try Self.response(
                await self.jobs.scale(
                    record.id, task: request.task, to: request.instances, by: call.context.name,
                    if: Self.condition(call)))
        }
    }

    private var revert: Route<Caller> {
        Route(
            .post, "/api/v1/jobs/{job}/revert", operation: "revertJob",
            summary: "Go back to an older version, as a new one", tag: "jobs", access: access(.write),
            parameters: [Self.handle, Self.project], body: .json(RevertRequest.self),
            responses: [.json(.of(JobRecord.self), "The job as it is now.")]
        ) { call in
            let (record, request) = (try self.find(call), try await call.body(RevertRequest.self))
            // What was allowed to whoever asked for that version must be allowed to who brings it back.
            for version in record.history where request.version == nil || request.version == version.version {
                for task in version.spec.tasks {
                    try await self.rights.require(
                        version.spec.template(task), in: call[Self.project], by: call.context)
                }
            }
            return try Self.response(
                await self.jobs.revert(
                    record.id, to: request.version, by: call.context.name, if: Self.condition(call)))
        }
    }

    private var restart: Route<Caller> {
        Route(
            .post, "/api/v1/jobs/{job}/restart", operation: "restartJob",
            summary: "Replace the instances of a job by others of the same",
            description: "Step by step, within the bounds of its `update`, as a version of its own.",
            tag: "jobs", access: access(.write),
            parameters: [Self.handle, Self.project], body: .json(RestartRequest.self, isRequired: false),
            responses: [.json(.of(JobRecord.self), "The job as it is now.")]
        ) { call in
            let (record, request) = (try self.find(call), try await call.body(RestartRequest.self))
            return try Self.response(
                await self.jobs.restart(
                    record.id, task: request.task, by: call.context.name, if: Self.condition(call)))
        }
    }

    private var stop: Route<Caller> {
        Route(
            .post, "/api/v1/jobs/{job}/stop", operation: "stopJob", summary: "Ask all tasks of a job to end",
            description: "Stopping what is over changes nothing.", tag: "jobs", access: access(.write),
            parameters: [Self.handle, Self.project],
            responses: [.json(.of(JobRecord.self), "The job as it is now.")]
        ) { call in
            try Self.response(await self.jobs.stop(try self.find(call).id, if: Self.condition(call)))
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/jobs/{job}", operation: "deleteJob",
            summary: "Forget a job that is over, and its tasks", tag: "jobs", access: access(.write),
            parameters: [Self.handle, Self.project], responses: [.noContent("It is forgotten.")]
        ) { call in
            try await self.jobs.remove(try self.find(call).id, if: Self.condition(call))
            return HTTPResponse(.noContent)
        }
    }

    private var trigger: Route<Caller> {
        Route(
            .post, "/api/v1/jobs/{job}/trigger", operation: "triggerJob",
            summary: "Have a cron job begin a run now",
            description: "Also while it is suspended. Where 'concurrency' forbids a second run, a 409.",
            tag: "jobs",
            access: access(.write), parameters: [Self.handle, Self.project],
            responses: [.json(.of(JobRecord.self), "The job as it is now.")]
        ) { call in
            try Self.response(
                await self.jobs.trigger(
                    try self.find(call).id, by: call.context.name, if: Self.condition(call)))
        }
    }

    private var suspend: Route<Caller> {
        suspension(
            "suspend", true, "Have a cron job begin no runs by itself",
            "Runs that are not over go on. Suspending a suspended job changes nothing.")
    }

    private var resume: Route<Caller> {
        suspension(
            "resume", false, "Have a suspended cron job begin runs again",
            "What it would have begun meanwhile is not made up for.")
    }

    private func suspension(
        _ name: String, _ isSuspended: Bool, _ summary: String, _ description: String
    ) -> Route<Caller> {
        Route(
            .post, "/api/v1/jobs/{job}/\(name)", operation: "\(name)Job", summary: summary,
            description: description, tag: "jobs", access: access(.write),
            parameters: [Self.handle, Self.project],
            responses: [.json(.of(JobRecord.self), "The job as it is now.")]
        ) { call in
            try Self.response(
                await self.jobs.suspend(try self.find(call).id, isSuspended, if: Self.condition(call)))
        }
    }

    // MARK: Parts

    private static func condition(_ call: Call<Caller>) -> @Sendable (Int64?) throws -> Void {
        { revision in try call.requireMatch(revision.map { EntityTag(revision: $0) }) }
    }

    private func access(_ level: Permission) -> Access<Caller> { named.access(level) }

    private func find(_ call: Call<Caller>) throws -> JobRecord { try named.find(call) }

    private var named: NamedJob {
        NamedJob(
            jobs: jobs, handle: Self.handle, project: Self.project, noun: "job", lister: "apollo job ls")
    }

    private static func response(_ record: JobRecord, _ status: HTTPStatus = .ok) throws -> HTTPResponse {
        try .json(
            record, status: status,
            fields: HTTPFields(["ETag": EntityTag(revision: record.revision).description]))
    }
}

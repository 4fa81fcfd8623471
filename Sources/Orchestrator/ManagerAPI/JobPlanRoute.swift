import APIServers
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import JobModel
import Jobs

// `/api/v1/job-plans`.
extension JobRoutes {
    var plan: Route<Caller> {
        Route(
            .post, "/api/v1/job-plans", operation: "planJob",
            summary: "Find out what running a job would come to, without running it",
            description: """
                Takes what `POST /api/v1/jobs` takes, needs the same rights, and refuses the same; changes nothing.
                """,
            tag: "jobs",
            access: .permissionFor {
                Caller.Permission(.write, try Resources.all(.job, in: $0[Self.project]))
            },
            parameters: [Self.project], body: .json(JobSpec.self),
            responses: [
                .json(
                    .of(JobPlan.self), "What would be made, replaced, stopped, and what would wait and why.")
            ]
        ) { call in
            let spec = try await JobSpec.read(
                DocumentDecoder().read(call.bodyBytes(), of: "the request body"), of: "the request body")
            for task in spec.tasks {
                try await self.rights.require(spec.template(task), in: call[Self.project], by: call.context)
            }
            if let fault = self.jobs.fault(spec) { throw fault }
            return try .json(self.jobs.plan(spec, project: call[Self.project]))
        }
    }
}

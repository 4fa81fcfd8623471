import APIClients
import Core
import Documents
import HTTPModel
import JobModel
import PlatformClients

// Jobs: one method a call.
extension PlatformClient {
    /// Runs a job, or gives the one of its name a new version; `key` makes it safe to send again.
    func run(_ spec: JobSpec, key: String) async throws -> JobRecord {
        try await api.decode(api.call(.post, "/jobs", body: JSONWriter.bytes(encoding: spec), key: key))
    }

    /// What running a job would come to.
    func planJob(_ spec: JobSpec) async throws -> JobPlan {
        try await api.decode(
            api.call(.post, "/job-plans", body: JSONWriter.bytes(encoding: spec), isIdempotent: true))
    }

    func job(_ handle: String) async throws -> JobDetail {
        try await api.decode(api.call(.get, jobPath(handle)))
    }

    /// Every job, page by page.
    func jobs() async throws -> [JobRecord] {
        try await api.all("/jobs", limit: 500) { (page: JobPage) in (page.items, page.nextCursor) }
    }

    /// Changes `job` as it was read: refused where somebody has changed it since.
    func scale(_ job: JobRecord, _ request: ScaleRequest) async throws -> JobRecord {
        let body = try JSONWriter.bytes(encoding: request)
        return try await api.decode(
            api.call(.post, jobPath(job.id.text) + "/scale", body: body, revision: job.revision))
    }

    /// Changes `job` as it was read: refused where somebody has changed it since.
    func revert(_ job: JobRecord, to version: Int?) async throws -> JobRecord {
        let body = try JSONWriter.bytes(encoding: RevertRequest(version: version))
        return try await api.decode(
            api.call(.post, jobPath(job.id.text) + "/revert", body: body, revision: job.revision))
    }

    /// Changes `job` as it was read: refused where somebody has changed it since.
    func restart(_ job: JobRecord, task: String?) async throws -> JobRecord {
        let body = try JSONWriter.bytes(encoding: RestartRequest(task: task))
        return try await api.decode(
            api.call(.post, jobPath(job.id.text) + "/restart", body: body, revision: job.revision))
    }

    func triggerJob(_ handle: String) async throws -> JobRecord {
        try await api.decode(api.call(.post, jobPath(handle) + "/trigger"))
    }

    func suspendJob(_ handle: String, _ isSuspended: Bool) async throws -> JobRecord {
        let verb = isSuspended ? "/suspend" : "/resume"
        return try await api.decode(api.call(.post, jobPath(handle) + verb, isIdempotent: true))
    }

    func stopJob(_ handle: String) async throws -> JobRecord {
        try await api.decode(api.call(.post, jobPath(handle) + "/stop", isIdempotent: true))
    }

    func removeJob(_ handle: String) async throws {
        _ = try await api.call(.delete, jobPath(handle))
    }

    private func jobPath(_ handle: String) -> String { "/jobs/\(APIClient.escape(handle))" }
}

import APIServers
import Core
import HTTPRouting
import Identity
import JobModel
import Jobs

/// The job that a route's address names, as a job or as the service that it is.
struct NamedJob: Sendable {
    let jobs: JobKeeper
    let handle: Parameter<String>
    let project: Parameter<String>
    /// What the caller calls it.
    let noun: String
    /// The command that lists what there is.
    let lister: String

    /// Leave for `level` on the job.
    func access(_ level: Permission) -> Access<Caller> {
        .permissionFor { call in
            do {
                return Caller.Permission(level, try Resources.one(.job, call[handle], in: call[project]))
            } catch {
                throw unknown(call)  // What cannot be a job's name is none.
            }
        }
    }

    func find(_ call: Call<Caller>) throws -> JobRecord {
        guard let record = jobs.find(call[handle], project: call[project]) else { throw unknown(call) }
        return record
    }

    private func unknown(_ call: Call<Caller>) -> ApolloError {
        let place = call[project] == "default" ? "" : " in project \(call[project])"
        return ApolloError(
            .notFound, "no \(noun) '\(call[handle])'\(place)", hint: "'\(lister)' lists them")
    }
}

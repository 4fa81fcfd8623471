import ClusterModel
import Core
import JobModel
import PlatformClients

/// A task whose output is read with that of others.
struct LogSource: Hashable {
    let task: TaskID
    let name: String
}

/// Which of a job's tasks are read.
struct LogSources {
    /// Those of this task of the job alone.
    var task: String?
    /// Those of this run of a cron job, rather than of its latest.
    var run: Int?
    /// Also those that the job has replaced, and those of earlier runs.
    var all: Bool

    /// Those that there are now.
    ///
    /// - Throws: `notFound` for a task or a run that the job has not.
    func now(of handle: String, _ client: PlatformClient) async throws -> (
        job: JobRecord, sources: [LogSource]
    ) {
        let detail = try await client.job(handle)
        let job = detail.job
        if let task, job.spec.task(task) == nil {
            let names = job.spec.tasks.map { "'\($0.name)'" }.joined(separator: ", ")
            throw ApolloError(.notFound, "job '\(job.name)' has no task '\(task)'", hint: "it has \(names)")
        }
        guard all else { return (job, try instances(of: detail)) }
        let tasks = try await client.allTasks(TasksQuery(job: job.name))
            .filter { task == nil || $0.spec.environment["APOLLO_TASK"] == task }
        return (job, tasks.map { LogSource(task: $0.id, name: $0.name) })
    }

    private func instances(of detail: JobDetail) throws -> [LogSource] {
        let job = detail.job
        // What is only planned has no task yet.
        var found = detail.instances.filter { $0.phase != .planned && (task == nil || $0.group == task) }
        if let run = run ?? detail.instances.compactMap(\.run).max() {
            found = found.filter { $0.run == run }
            if self.run != nil, found.isEmpty {
                throw ApolloError(
                    .notFound, "there is nothing of a run \(run) of job '\(job.name)'",
                    hint: "'apollo job status \(job.name)' lists the runs that are kept")
            }
        }
        let isKeptUp = !job.state.isFinal && [.service, .system].contains(job.spec.type)
        let latest = isKeptUp ? [] : Self.latest(of: found)
        return found.filter { !$0.phase.isOver || latest.contains($0.task) }
            .sorted {
                ($0.group, $0.index, $0.version, $0.attempt) < ($1.group, $1.index, $1.version, $1.attempt)
            }
            .map { LogSource(task: $0.task, name: $0.name) }
    }

    /// Of each place of a job the instance that took it last.
    private static func latest(of instances: [JobInstance]) -> Set<TaskID> {
        struct Place: Hashable {
            let group: String
            let index: Int
            let node: String?
        }
        let places = Dictionary(grouping: instances) {
            Place(group: $0.group, index: $0.index, node: $0.node)
        }
        return Set(
            places.values.compactMap { tries in
                tries.max { ($0.version, $0.attempt) < ($1.version, $1.attempt) }?.task
            })
    }
}

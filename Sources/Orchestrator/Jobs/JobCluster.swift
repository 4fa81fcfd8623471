public import ClusterModel
public import Core
public import JobDecisions
public import JobModel

/// Whatever runs the tasks of jobs: all that jobs know of a cluster.
public protocol JobCluster: Sendable {
    /// Makes the tasks of instances, and returns once they are not lost any more; for those that cannot be made, why. Made
    /// twice a task is there once.
    func create(_ instances: [(instance: JobInstance, spec: TaskSpec)], of job: JobRecord) async -> [TaskID:
        String]
    /// Asks a task to end; one that is not there, or is over, is left alone.
    func stop(_ task: TaskID) async throws
    /// Forgets a task that is over.
    func forget(_ task: TaskID) async throws
    /// The task as it is; nil for one that is not there.
    func sight(_ task: TaskID) -> TaskSight?
    func nodes() -> [JobNode]
    /// A copy of its room, to try placements on; `tasks` are those of the project that may be released on it.
    func rehearsal(project: String, tasks: [TaskID]) -> any JobRehearsal
    /// Has `changed` called after tasks or nodes change. It must not block.
    func onChange(_ changed: @escaping @Sendable ([TaskID]) -> Void)
}

/// An attempt to start.
public struct AttemptLaunch: Hashable, Sendable {
    public var attempt: AttemptID
    public var task: TaskID
    public var taskName: String
    public var project: String
    public var spec: TaskSpec
    /// The node's that it has alone.
    public var gpus: [AssignedGPU]
    /// Filled in by the worker.
    public var secrets = LaunchSecrets()

    public init(
        attempt: AttemptID, task: TaskID, taskName: String, project: String, spec: TaskSpec,
        gpus: [AssignedGPU] = []
    ) {
        self.gpus = gpus
        self.attempt = attempt
        self.task = task
        self.taskName = taskName
        self.project = project
        self.spec = spec
    }
}

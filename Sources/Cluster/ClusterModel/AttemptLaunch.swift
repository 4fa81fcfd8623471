/// An attempt to start.
public struct AttemptLaunch: Hashable, Sendable {
    public var attempt: AttemptID
    public var task: TaskID
    public var taskName: String
    public var project: String
    public var sharedSpec: Shared<TaskSpec>
    /// The node's that it has alone.
    public var gpus: [AssignedGPU]
    /// Filled in by the worker.
    public var secrets = LaunchSecrets()

    public init(
        attempt: AttemptID, task: TaskID, taskName: String, project: String, spec: TaskSpec,
        gpus: [AssignedGPU] = []
    ) {
        self.init(
            attempt: attempt, task: task, taskName: taskName, project: project, sharing: Shared(spec),
            gpus: gpus)
    }

    /// Starts what a record asks for.
    public init(
        attempt: AttemptID, task: TaskID, taskName: String, project: String, sharing spec: Shared<TaskSpec>,
        gpus: [AssignedGPU] = []
    ) {
        self.gpus = gpus
        self.attempt = attempt
        self.task = task
        self.taskName = taskName
        self.project = project
        sharedSpec = spec
    }

    @inlinable public var spec: TaskSpec {
        get { sharedSpec.value }
        set { sharedSpec = Shared(newValue) }
    }
}

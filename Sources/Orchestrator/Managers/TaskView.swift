public import ClusterModel
public import TaskRuntimes

/// A task as a watcher sees it.
public struct TaskView: Hashable, Sendable {
    /// Nil once the task was removed.
    public var record: TaskRecord?
    /// What its start is busy with, while it is.
    public var progress: LaunchProgress?

    public init(record: TaskRecord?, progress: LaunchProgress? = nil) {
        self.record = record
        self.progress = progress
    }
}

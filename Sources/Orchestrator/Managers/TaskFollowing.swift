public import ClusterModel
import Concurrency
public import TaskRuntimes

/// What is told of a task that is followed.
public enum TaskNews: Sendable {
    case state(TaskRecord)
    case progress(LaunchProgress)
}

extension Manager {
    /// Tells a task's state now and each time it changes, and how its start goes, until it is finished or removed.
    public func follow(_ task: TaskID, _ tell: (TaskNews) async throws -> Void) async throws {
        guard let watch = watch(task) else { return }
        var seen: UInt64 = 0
        var told: Int64 = -1
        while let snapshot = try await watch.next(after: seen) {
            seen = snapshot.revision
            guard let record = snapshot.state.record else { return }
            if record.revision != told {
                told = record.revision
                try await tell(.state(record))
            }
            if record.state.isFinal { return }
            if let progress = snapshot.state.progress { try await tell(.progress(progress)) }
        }
    }
}

public import ClusterModel
import Concurrency
public import Core
import Machines
import Synchronization

/// What a worker is busy with.
public struct WorkerReport: Hashable, Sendable {
    /// Directives that it has not begun to carry out.
    public var inbox: Int
    /// Attempts that are being started.
    public var starting: [AttemptID]
}

extension Worker {
    public var workReport: WorkerReport {
        WorkerReport(inbox: inbox.count, starting: starting.withLock { $0.keys.sorted() })
    }
}

extension Worker {
    /// How many attempts' ends it waits for.
    public var runningCount: Int { watched.withLock { $0.count } }

    public func metrics() async -> NodeMetrics? { metricsReader?.read(tasks: runningCount) }
}

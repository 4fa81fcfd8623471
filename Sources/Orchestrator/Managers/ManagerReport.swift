import Concurrency
import Synchronization

/// How much lies before a manager.
public struct ManagerReport: Hashable, Sendable {
    /// Decisions that wait to be stored.
    public var outbox: Int
    /// Submissions that wait to be stored.
    public var storing: Int
    /// Tasks that someone watches.
    public var watched: Int
    /// Times at which it looks at a task again.
    public var alarms: Int
}

extension Manager {
    public var report: ManagerReport {
        let (storing, watched) = state.withLock { ($0.storing.count, $0.watches.count) }
        return ManagerReport(outbox: outbox.count, storing: storing, watched: watched, alarms: alarms.count)
    }
}

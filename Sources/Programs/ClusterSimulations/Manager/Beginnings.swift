import ClusterModel
import TaskDecisions

/// Beginnings of attempts that wait for what comes next, to be stored with it; as `Managers/WaitingBeginnings` keeps them.
struct Beginnings {
    static let patience = 10 * Span.millisecond

    private var entries: [OutboxEntry] = []
    private var isTimed = false

    /// Takes in what was decided. Returns what is to be stored now, in order.
    mutating func take(_ entry: OutboxEntry) -> [OutboxEntry] {
        guard !entry.isBeginning else {
            entries.append(entry)
            return []
        }
        return entries.isEmpty ? [entry] : takeAll() + [entry]
    }

    private mutating func takeAll() -> [OutboxEntry] {
        defer { entries = [] }
        return entries
    }

    /// Whether to call ``timeOut()`` after the patience: once for all that wait.
    mutating func needsTimer() -> Bool {
        guard !entries.isEmpty, !isTimed else { return false }
        isTimed = true
        return true
    }

    mutating func timeOut() -> [OutboxEntry] {
        isTimed = false
        return takeAll()
    }

    /// How what an attempt did is stored: that it runs, without hurry.
    static func kind(of event: AttemptEvent, _ decision: Decision) -> OutboxEntry.Kind {
        guard case .started = event, decision.changes.count == 1,
            case .put(let record) = decision.changes[0], record.state == .running,
            !decision.directives.contains(where: \.needsStorage)
        else { return .other }
        return .beginning
    }
}

import ClusterModel
import TaskDecisions

/// A decision on its way to the store and to the nodes.
struct OutboxEntry {
    enum Kind {
        /// Taken back when it cannot be stored.
        case submission(TaskID, key: String?)
        /// Put back when it cannot be stored.
        case removal(TaskID)
        case other
        /// Stored with what comes next, or soon.
        case beginning
        case retry
    }

    var decision: Decision
    var kind: Kind
    /// Told whether it is stored.
    var acknowledge: ((Bool) -> Void)?

    var isRetry: Bool { if case .retry = kind { true } else { false } }
    var isBeginning: Bool { if case .beginning = kind { true } else { false } }
}

/// What is still to be stored or carried out, as `Managers/UnsavedChanges` keeps it.
struct Unsaved {
    struct Kept {
        var change: Change
        var key: String?
    }

    private(set) var changes: [TaskID: Kept] = [:]
    private var directives: [Directive] = []
    private var held: [Directive] = []
    private var void: Set<TaskID> = []
    private var isRetryUnderWay = false

    mutating func begin(_ batch: [OutboxEntry], voidsTooMuch: Bool) -> [OutboxEntry] {
        if batch.contains(where: \.isRetry) { isRetryUnderWay = false }
        guard !void.isEmpty else { return batch }
        defer { void = [] }
        return batch.map { entry in
            if case .submission(let task, _) = entry.kind, !voidsTooMuch { void.remove(task) }
            var entry = entry
            entry.decision.changes.removeAll { void.contains($0.task) }
            entry.decision.directives.removeAll { void.contains($0.task) }
            return entry
        }
    }

    mutating func void(_ task: TaskID) { void.insert(task) }

    func isVoid(_ task: TaskID) -> Bool { void.contains(task) }

    mutating func add(_ entry: OutboxEntry, actsUnstored: Bool) {
        for change in entry.decision.changes where !isVoid(change.task) {
            changes[change.task] = Kept(change: change)
        }
        for directive in entry.decision.directives where !isVoid(directive.task) {
            if directive.needsStorage, !actsUnstored {
                held.append(directive)
            } else {
                directives.append(directive)
            }
        }
    }

    mutating func areSaved() {
        changes.removeAll()
        directives += held
        held = []
    }

    mutating func release(_ entry: OutboxEntry) {
        if void.isEmpty {
            directives += entry.decision.directives
        } else {
            directives += entry.decision.directives.filter { !isVoid($0.task) }
        }
    }

    mutating func takeDirectives() -> [Directive] {
        defer { directives = [] }
        return directives
    }

    mutating func needsRetry() -> Bool {
        guard !changes.isEmpty, !isRetryUnderWay else { return false }
        isRetryUnderWay = true
        return true
    }
}

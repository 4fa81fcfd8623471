import ClusterModel
import TaskDecisions

/// What is still to be stored or carried out. Touched by the writer alone.
final class UnsavedChanges: @unchecked Sendable {
    private var changes: [TaskID: StoredChange] = [:]
    /// To be carried out now.
    private var directives: [Directive] = []
    /// To be carried out once the changes they came with are stored.
    private var held: [Directive] = []
    /// Tasks whose submission was taken back. Entries that were queued before may still speak of them: those of the batch in
    /// which that happened and of the next, which holds all that was in the queue.
    private var void: Set<TaskID> = []
    private var isRetryUnderWay = false
    private var finished: [TaskID] = []

    var all: [StoredChange] { changes.values.sorted { $0.change.task < $1.change.task } }

    /// Returns what there is to do of `batch`: what was queued about a task before its submission was taken back is void, and what
    /// comes after another submission of it is not.
    func begin(_ batch: [OutboxEntry]) -> [OutboxEntry] {
        if batch.contains(where: \.isRetry) { isRetryUnderWay = false }
        guard !void.isEmpty else { return batch }
        defer { void = [] }
        return batch.map { entry in
            if case .submission(let task, _) = entry.kind { void.remove(task) }
            var entry = entry
            entry.decision.changes.removeAll { void.contains($0.task) }
            entry.decision.directives.removeAll { void.contains($0.task) }
            return entry
        }
    }

    func void(_ task: TaskID) { void.insert(task) }

    func isVoid(_ task: TaskID) -> Bool { void.contains(task) }

    /// Keeps what could not be stored.
    func add(_ entry: OutboxEntry) {
        for change in entry.decision.changes where !isVoid(change.task) {
            changes[change.task] = StoredChange(change: change)
        }
        for directive in entry.decision.directives where !isVoid(directive.task) {
            if directive.needsStorage { held.append(directive) } else { directives.append(directive) }
        }
    }

    /// All that was kept is stored.
    func areSaved() {
        changes.removeAll()
        directives += held
        held = []
    }

    /// Lets the directives of a stored entry go.
    func release(_ entry: OutboxEntry) {
        guard !void.isEmpty else { return directives += entry.decision.directives }
        directives += entry.decision.directives.filter { !isVoid($0.task) }
    }

    func takeDirectives() -> [Directive] {
        defer { directives = [] }
        return directives
    }

    func finish(_ task: TaskID) { finished.append(task) }

    /// The tasks that are stored as finished: nothing has to look at them again.
    func takeFinished() -> [TaskID] {
        defer { finished = [] }
        return finished
    }

    /// Whether to order a retry: one at a time.
    func needsRetry() -> Bool {
        guard !changes.isEmpty, !isRetryUnderWay else { return false }
        isRetryUnderWay = true
        return true
    }
}

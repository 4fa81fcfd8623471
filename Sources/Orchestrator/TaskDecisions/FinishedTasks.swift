import ClusterModel
public import Core

/// Tasks that are over, in the order in which they were found so: which of them to forget. A plain value.
struct FinishedTasks: Sendable {
    private struct Entry: Sendable {
        var task: TaskID
        var finishedAt: Timestamp
    }

    private var entries: [Entry] = []
    /// Those before it are gone.
    private var head = 0
    /// How many there were when it was looked the last time and the time before.
    private var known = 0, ripe = 0
    private var isSorted = false

    mutating func append(_ record: TaskRecord) {
        guard let finishedAt = record.finishedAt else { return }
        entries.append(Entry(task: record.id, finishedAt: finishedAt))
    }

    /// Counts one round: what was over in the round before the last is ripe, so that everyone who wanted to know has looked.
    mutating func ripen() {
        if !isSorted {
            // What was stored comes by its identifiers.
            isSorted = true
            entries.sort { ($0.finishedAt, $0.task) < ($1.finishedAt, $1.task) }
        }
        (ripe, known) = (known, entries.count)
    }

    var isEmpty: Bool { head == entries.count }

    /// The oldest that is ripe.
    var first: (task: TaskID, finishedAt: Timestamp)? {
        head < ripe ? (entries[head].task, entries[head].finishedAt) : nil
    }

    mutating func removeFirst() {
        head += 1
        guard head > 1024, head * 2 > entries.count else { return }
        entries.removeFirst(head)
        (known, ripe, head) = (known - head, ripe - head, 0)
    }

    /// Drops entries of tasks that somebody removed, where these are the most.
    mutating func compact(_ count: Int, isThere: (TaskID) -> Bool) {
        guard entries.count - head > 2 * count + 1024 else { return }
        var kept: [Entry] = []
        var (newKnown, newRipe) = (0, 0)
        for (place, entry) in entries.enumerated() where place >= head && isThere(entry.task) {
            kept.append(entry)
            if place < known { newKnown += 1 }
            if place < ripe { newRipe += 1 }
        }
        (entries, head, known, ripe) = (kept, 0, newKnown, newRipe)
    }
}

// Forgetting what is over.
extension TaskCore {
    /// How many tasks are over and still known.
    public var finishedCount: Int { tasks.count - unfinished }

    /// Whether nothing is left of any task.
    public var isEmpty: Bool {
        tasks.isEmpty && names.isEmpty && keys.isEmpty && keyOf.isEmpty && waiting.isEmpty && leaving.isEmpty
            && strandedReasons.isEmpty && claims.isEmpty && claimsOn.isEmpty && unarmed.isEmpty
            && over.isEmpty && remnants.isEmpty && unfinished == 0 && places.isEmpty
    }

    /// Begins another round of ``expire(finishedBefore:keeping:limit:)``: what was over before the last round began may go now.
    public mutating func ripen() {
        over.compact(finishedCount) { tasks[$0]?.state.isFinal ?? false }
        over.ripen()
    }

    /// Forgets tasks that were over before `cutoff`, and the oldest of those that are more than `most`; up to `limit` a call.
    public mutating func expire(
        finishedBefore cutoff: Timestamp, keeping most: Int = .max, limit: Int = 200
    ) -> Decision {
        var decision = Decision()
        while decision.changes.count < limit, let (id, _) = over.first {
            guard let record = tasks[id], record.state.isFinal, let finishedAt = record.finishedAt else {
                over.removeFirst()
                continue
            }
            guard finishedAt < cutoff || finishedCount > most else { break }
            over.removeFirst()
            erase(record)
            decision.changes.append(.delete(id, project: record.project))
            decision.directives += record.attempts.map { .remove(place(of: $0, record)) }
        }
        return decision
    }
}

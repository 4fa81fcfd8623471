import Core

/// Beginnings of attempts that wait for what comes next. A short attempt ends soon after, and then both are stored at once: the
/// state that it ended in.
struct WaitingBeginnings: Sendable {
    /// How long they wait at most.
    static let patience = Duration.milliseconds(10)

    private var entries: [OutboxEntry] = []
    /// Whether somebody will say when they have waited for long enough.
    private var isTimed = false

    /// Takes in what was decided. Returns what is to be stored now, in order; nothing for a beginning.
    mutating func take(_ entry: OutboxEntry) -> [OutboxEntry] {
        guard !entry.isBeginning else {
            entries.append(entry)
            return []
        }
        guard !entries.isEmpty else { return [entry] }
        return takeAll() + [entry]
    }

    /// Those that wait.
    mutating func takeAll() -> [OutboxEntry] {
        defer { entries = [] }
        return entries
    }

    /// Whether to call ``timeOut()`` after ``patience``: once for all that wait.
    mutating func needsTimer() -> Bool {
        guard !entries.isEmpty, !isTimed else { return false }
        isTimed = true
        return true
    }

    /// They have waited for long enough.
    mutating func timeOut() -> [OutboxEntry] {
        isTimed = false
        return takeAll()
    }
}

import ClusterModel

/// What nobody waits for to be stored, and that waits for what comes next: that attempts have begun, and ends where many come. A short
/// attempt ends soon after it began, and then both are stored at once: the state that it ended in.
public struct UnhurriedEntries<Entry> {
    /// How long they wait at most.
    public static var patience: Duration { .milliseconds(10) }

    @usableFromInline var entries: [Entry] = []
    /// Whether somebody will say when they have waited for long enough.
    @usableFromInline var isTimed = false

    @inlinable
    public init() {}

    /// Takes in what was decided. Returns what is to be stored now, in order; nothing for what has no hurry.
    @inlinable
    public mutating func take(_ entry: Entry, isUnhurried: Bool) -> [Entry] {
        guard !isUnhurried else {
            entries.append(entry)
            return []
        }
        guard !entries.isEmpty else { return [entry] }
        entries.append(entry)
        return takeAll()
    }

    /// Those that wait.
    @inlinable
    public mutating func takeAll() -> [Entry] {
        defer { entries = [] }
        return entries
    }

    /// Whether to call ``timeOut()`` after ``patience``: once for all that wait.
    @inlinable
    public mutating func needsTimer() -> Bool {
        guard !entries.isEmpty, !isTimed else { return false }
        isTimed = true
        return true
    }

    /// They have waited for long enough.
    @inlinable
    public mutating func timeOut() -> [Entry] {
        isTimed = false
        return takeAll()
    }
}

extension UnhurriedEntries: Sendable where Entry: Sendable {}

extension Decision {
    /// Whether what an attempt did came to no more than that it has begun to run, which is stored without hurry. After a crash its node
    /// says so again.
    public func isBeginning(after event: AttemptEvent) -> Bool {
        guard case .started = event, changes.count == 1, case .put(let record) = changes[0] else {
            return false
        }
        return record.state == .running && !directives.contains(where: \.needsStorage)
    }

    /// Whether what an attempt did came to no more than that tasks are over: nothing begins or goes on because of it. After a crash the
    /// attempt's node says so again.
    public func isEnd(after event: AttemptEvent) -> Bool {
        guard case .exited = event, !changes.isEmpty, directives.isEmpty else { return false }
        return changes.allSatisfy { if case .put(let record) = $0 { record.state.isFinal } else { false } }
    }
}

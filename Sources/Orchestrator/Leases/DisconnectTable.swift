public import ClusterModel
public import Core

/// Decides what a worker that is cut off does with its attempts: those that ask for it are stopped, by a clock that never jumps,
/// before the manager places them elsewhere. Events in, attempts to stop out.
public struct DisconnectTable: Sendable {
    /// An attempt that is not to run on without a manager.
    public struct Entry: Hashable, Sendable, Codable {
        public var task: TaskID
        public var attempt: AttemptID
        public var runtime: RuntimeKind
        /// How long after the lease it is stopped.
        public var stopAfter: Seconds
        public var grace: Seconds
        /// It was stopped for that: its end is the cut's, and not its own.
        public var isStopped = false
    }

    /// How long a worker that was started anew looks for its manager before it stops what it found: it cannot know for how long
    /// the manager had not heard of it.
    public static let restartPatience = Duration.seconds(4)

    public private(set) var entries: [AttemptID: Entry]
    /// Until when the manager counts on this worker; before the first grant, until when it is looked for.
    private var grantedUntil: MonotonicInstant
    private var isGranted = false

    /// - Parameter entries: those that were kept over a restart.
    public init(_ entries: [Entry] = [], at now: MonotonicInstant) {
        self.entries = Dictionary(entries.map { ($0.attempt, $0) }, uniquingKeysWith: { first, _ in first })
        grantedUntil = now.advanced(by: Self.restartPatience)
    }

    /// An attempt is about to be started. Whether something has to be kept.
    ///
    /// What was stopped for a cut stays so: the manager may have heard of its end and started another elsewhere by the time that an order
    /// to start it, given before, arrives here (``stopped(_:)``).
    public mutating func started(_ launch: AttemptLaunch) -> Bool {
        guard launch.spec.onDisconnect == .stopAfter, entries[launch.attempt] == nil else { return false }
        entries[launch.attempt] = Entry(
            task: launch.task, attempt: launch.attempt, runtime: launch.spec.runtime,
            stopAfter: launch.spec.stopAfter, grace: launch.spec.stopGrace)
        return true
    }

    /// The manager has forgotten an attempt, or it has ended by itself. Whether something has to be kept.
    public mutating func ended(_ attempt: AttemptID) -> Bool {
        guard let entry = entries[attempt], !entry.isStopped else { return false }
        entries[attempt] = nil
        return true
    }

    public mutating func removed(_ attempt: AttemptID) -> Bool { entries.removeValue(forKey: attempt) != nil }

    /// The manager has granted the lease until then, counted from when it was asked.
    public mutating func granted(until: MonotonicInstant) {
        grantedUntil = isGranted ? max(grantedUntil, until) : until
        isGranted = true
    }

    private func deadline(_ entry: Entry) -> MonotonicInstant {
        isGranted ? grantedUntil.advanced(by: entry.stopAfter.duration) : grantedUntil
    }

    /// What has to be stopped by now; once.
    public mutating func due(at now: MonotonicInstant) -> [Entry] {
        let due = entries.values.filter { !$0.isStopped && deadline($0) <= now }
            .sorted { $0.attempt < $1.attempt }
        for entry in due { entries[entry.attempt]?.isStopped = true }
        return due
    }

    /// When to call ``due(at:)`` next, as far as is known now; nil while there is nothing to stop.
    public var nextDeadline: MonotonicInstant? {
        entries.values.lazy.filter { !$0.isStopped }.map(deadline).min()
    }

    /// What was stopped because the worker was cut off; nil for another attempt.
    public func stopped(_ attempt: AttemptID) -> Entry? {
        entries[attempt].flatMap { $0.isStopped ? $0 : nil }
    }

    /// Whether an attempt was stopped because the worker was cut off.
    public func wasStopped(_ attempt: AttemptID) -> Bool { entries[attempt]?.isStopped ?? false }
}

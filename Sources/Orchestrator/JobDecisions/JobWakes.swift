public import Core
public import JobModel

/// When to look at which job again. Times are civil, for that is what schedules are kept by; each is also counted off by the clock that
/// never jumps, and what comes first counts: a civil clock that is set back has nothing wait for it to come up again. To look too early
/// does no harm.
public struct JobWakes: Sendable {
    private struct Wake: Sendable {
        var time: Timestamp
        var instant: MonotonicInstant
    }

    private var wakes: [JobID: Wake] = [:]

    public init() {}

    public var count: Int { wakes.count }

    /// Looks at the job at `time`, and not at what was asked for before.
    public mutating func set(
        _ job: JobID, at time: Timestamp, from now: Timestamp, _ instant: MonotonicInstant
    ) {
        wakes[job] = Wake(time: time, instant: instant.advanced(by: max(.zero, now.duration(to: time))))
    }

    /// Looks at the job after `wait` at the latest.
    public mutating func set(
        _ job: JobID, within wait: Duration, from now: Timestamp, _ instant: MonotonicInstant
    ) {
        let time = now.advanced(by: wait)
        if let known = wakes[job], known.time <= time { return }
        set(job, at: time, from: now, instant)
    }

    public mutating func remove(_ job: JobID) { wakes[job] = nil }

    /// Those whose time has come, in no order; once.
    public mutating func takeDue(_ now: Timestamp, _ instant: MonotonicInstant) -> [JobID] {
        let due = wakes.filter { $0.value.time <= now || $0.value.instant <= instant }.map(\.key)
        for job in due { wakes[job] = nil }
        return due
    }

    /// How long it is until the next; nil without any.
    public func wait(from now: Timestamp, _ instant: MonotonicInstant) -> Duration? {
        wakes.values.lazy.map { min(now.duration(to: $0.time), instant.duration(to: $0.instant)) }.min()
    }
}

public import Core

/// When the clocks of a time zone were and will be changed.
public struct TimeZoneRules: Hashable, Sendable {
    /// A time over which the clocks are not changed.
    public struct Span: Hashable, Sendable {
        /// When it begins, in seconds since 1970 UTC; nil for the first.
        public var start: Int64?
        /// When it ends; nil for one that does not.
        public var end: Int64?
        /// How many seconds the clocks are ahead of UTC.
        public var offset: Int64
    }

    struct Change: Hashable, Sendable {
        var at: Int64
        var offset: Int64
    }

    /// More than the clocks of any place are ahead of UTC, or behind (RFC 8536, section 3.2).
    static let maximumOffset: Int64 = 26 * 3600

    /// Before the first change.
    let first: Int64
    /// In order, each to another offset than before.
    let changes: [Change]
    /// After the last change.
    let rule: PosixZone?

    public static let utc = TimeZoneRules(first: 0, changes: [], rule: nil)

    init(first: Int64, changes: [Change], rule: PosixZone?) {
        var kept: [Change] = []
        var offset = first
        for change in changes where change.offset != offset {
            offset = change.offset
            kept.append(change)
        }
        self.first = first
        self.changes = kept
        self.rule = rule
    }

    /// The span that the moment `time`, in seconds since 1970 UTC, is in.
    public func span(at time: Int64) -> Span {
        guard let last = changes.last, time < last.at else {
            let known = changes.last
            guard let rule else {
                return Span(start: known?.at, end: nil, offset: known?.offset ?? first)
            }
            var span = rule.span(at: time)
            if let known, known.at > span.start ?? .min { span.start = known.at }
            return span
        }
        // The first change after the moment.
        var (low, high) = (0, changes.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at > time { high = middle } else { low = middle + 1 }
        }
        guard low > 0 else { return Span(start: nil, end: changes[0].at, offset: first) }
        return Span(start: changes[low - 1].at, end: changes[low].at, offset: changes[low - 1].offset)
    }

    /// What the clocks show at `time`, in whole seconds.
    public func civil(at time: Timestamp) -> CivilTime {
        let seconds = time.wholeSeconds
        return CivilTime(seconds: seconds + span(at: seconds).offset)
    }

    /// When the clocks show `civil`: the first time of two, and where they skip it, when they do so.
    func moment(of civil: CivilTime) -> Int64 {
        var span = span(at: civil.seconds - Self.maximumOffset - 86_400)
        while true {
            let moment = civil.seconds - span.offset
            if let end = span.end, moment >= end {
                span = self.span(at: end)
                continue
            }
            return max(moment, span.start ?? .min)
        }
    }
}

extension Timestamp {
    /// Seconds since 1970, rounded down.
    var wholeSeconds: Int64 {
        let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest < 0 ? whole - 1 : whole
    }
}

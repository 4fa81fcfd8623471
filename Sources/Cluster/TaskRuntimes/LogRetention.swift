public import ClusterModel
public import Core

/// How long, and how much of, the output of ended attempts is kept on their machine. A plain value.
public struct LogRetention: Hashable, Sendable {
    /// How long after an attempt's end.
    public var keep: Duration
    /// How much of all ended attempts together; the oldest go first.
    public var maxSize: ByteCount

    public init(keep: Duration, maxSize: ByteCount) {
        self.keep = keep
        self.maxSize = maxSize
    }

    /// The output that is kept of an ended attempt.
    public struct Kept: Hashable, Sendable {
        public var attempt: AttemptID
        public var endedAt: Timestamp
        public var size: ByteCount

        public init(attempt: AttemptID, endedAt: Timestamp, size: ByteCount) {
            self.attempt = attempt
            self.endedAt = endedAt
            self.size = size
        }
    }

    /// Those whose output goes, the oldest first.
    public func dropped(of kept: [Kept], at now: Timestamp) -> [AttemptID] {
        var room = maxSize.bytes
        var dropped: [AttemptID] = []
        var isFull = false
        for log in kept.sorted(by: { ($0.endedAt, $0.attempt) > ($1.endedAt, $1.attempt) }) {
            room -= log.size.bytes
            // What is older than one that had no room has none either, however small it is: no holes in the past.
            isFull = isFull || room < 0
            if isFull || log.endedAt.duration(to: now) > keep { dropped.append(log.attempt) }
        }
        return dropped.reversed()
    }

    /// How often it is looked after.
    public var interval: Duration { min(max(keep / 4, .seconds(1)), .seconds(60)) }
}

import Core

/// A place in a container's log, which has no byte offsets that outlive a rotation: an entry by its time, and which of those of
/// the same microsecond it is. As a number, the time is in front of ten bits.
struct LogPlace: Hashable, Sendable {
    var time: Timestamp
    var ordinal: Int64

    private static let bits = 10
    private static let most = Int64(1) << bits - 1

    init(_ number: Int64) {
        time = Timestamp(microseconds: number >> Self.bits)
        ordinal = number & Self.most
    }

    var number: Int64 { max(0, time.microseconds) << Self.bits | min(ordinal, Self.most) }

    init(_ time: Timestamp, _ ordinal: Int64) {
        self.time = time
        self.ordinal = ordinal
    }

    /// From where the log is asked for to find the place again: entries are up to an instant out of order.
    var start: Timestamp { time.advanced(by: .seconds(-1)) }
}

/// Numbers the entries of a log as they are read.
struct LogPlaces: Sendable {
    private var counts: [Timestamp: Int64] = [:]
    private var latest = Timestamp(microseconds: .min)
    private var limit = 4096

    /// The place of the next entry, which is of that time.
    mutating func next(at time: Timestamp) -> LogPlace {
        latest = max(latest, time)
        let ordinal = (counts[time] ?? 0) + 1
        counts[time] = ordinal
        if counts.count > limit {
            // Entries are no more than an instant out of order.
            let kept = LogPlace(latest, 1).start
            counts = counts.filter { $0.key >= kept }
            limit = max(4096, counts.count * 2)
        }
        return LogPlace(time, ordinal)
    }
}

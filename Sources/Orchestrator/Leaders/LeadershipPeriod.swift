public import Concurrency

/// A time in which a manager leads, or stands by, until it is told to stop.
public struct LeadershipPeriod: Sendable {
    /// The term's epoch; nil for a time of standing by.
    public let epoch: Int64?
    /// Why it is over, once it is.
    public let stop = Latch<String>()

    public var isOver: Bool { stop.current != nil }

    public init(epoch: Int64?) { self.epoch = epoch }
}

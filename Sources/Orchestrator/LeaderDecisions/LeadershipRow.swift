public import ClusterModel
public import Core

/// Who leads, as the database has it: one row for the cluster. All times are by the database's clock.
public struct LeadershipRow: Hashable, Sendable {
    /// Counts the terms: every one has a number of its own, higher than all before.
    public var epoch: Int64
    /// The manager that leads, or led last.
    public var holder: NodeID
    /// When its term began; nil where that was before this was kept.
    public var since: Timestamp?
    /// When its lease is over; 1970 once it has given the lead away.
    public var expiresAt: Timestamp

    public init(epoch: Int64, holder: NodeID, since: Timestamp?, expiresAt: Timestamp) {
        self.epoch = epoch
        self.holder = holder
        self.since = since
        self.expiresAt = expiresAt
    }

    /// The epoch of the next term, for who may begin it at `now`: nobody holds the lease, or `own`, a term of the asker's that is
    /// over for certain. Nil while somebody else leads.
    public static func successor(of row: LeadershipRow?, own: Int64?, at now: Timestamp) -> Int64? {
        guard let row else { return 1 }
        return row.expiresAt <= now || row.epoch == own ? row.epoch + 1 : nil
    }

    /// How much longer the lease runs at `now`; never negative.
    public func remaining(at now: Timestamp) -> Duration { max(.zero, now.duration(to: expiresAt)) }
}

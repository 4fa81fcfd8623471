public import ClusterModel
public import Core

/// A manager of the platform, as it says of itself, and when it was seen last.
public struct ManagerRecord: Hashable, Sendable {
    public var id: NodeID
    public var name: String
    /// Where its API answers people, workers and the other managers: `https://10.0.0.1:7070`. Empty until it has started.
    public var address: String
    public var version: String
    public var joinedAt: Timestamp
    /// By the database's clock, as all times here; nil before it was there the first time.
    public var seenAt: Timestamp?

    public init(
        id: NodeID, name: String, address: String, version: String, joinedAt: Timestamp, seenAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.version = version
        self.joinedAt = joinedAt
        self.seenAt = seenAt
    }
}

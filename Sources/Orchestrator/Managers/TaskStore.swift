public import ClusterModel
public import TaskDecisions

/// Where the manager keeps its state.
public protocol TaskStore: Sendable {
    /// Every task stored, with the key it was submitted under.
    func load() async throws -> [StoredTask]

    /// Stores all of `batch` or nothing, and returns once it is durable.
    func commit(_ batch: [StoredChange]) async throws
}

/// A task as stored.
public struct StoredTask: Hashable, Sendable {
    public var record: TaskRecord
    public var idempotencyKey: String?

    public init(record: TaskRecord, idempotencyKey: String?) {
        self.record = record
        self.idempotencyKey = idempotencyKey
    }
}

/// A change to store.
public struct StoredChange: Hashable, Sendable {
    public var change: Change
    /// Only with the first change of a task.
    public var idempotencyKey: String?
    /// The record as JSON, for a put.
    public var json: [UInt8]
    /// Whether a put may be the first of its task. Where it is not, the store has less to look up.
    public var mayBeFirst: Bool

    public init(
        change: Change, idempotencyKey: String? = nil, json: [UInt8] = [], mayBeFirst: Bool = true
    ) {
        self.change = change
        self.idempotencyKey = idempotencyKey
        self.json = json
        self.mayBeFirst = mayBeFirst
    }
}

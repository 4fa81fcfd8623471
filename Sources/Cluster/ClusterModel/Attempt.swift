public import Core

/// One try of a task on one node.
public struct Attempt: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable, CaseIterable { case starting, running, ended }

    /// How an attempt ended.
    public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        case completed, failed, lost, preempted, drained, stopped
    }

    public var id: AttemptID
    /// From 1.
    public var number: Int
    public var node: NodeID
    /// The leadership epoch that ordered it.
    public var epoch: Int64
    public var state: State
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var outcome: Outcome?
    /// 0 to 255; for a signal 128 plus its number, as shells say it. Nil when it never started or was lost.
    public var exitCode: Int32?
    /// Why it ended, in words a person can act on.
    public var reason: String?
    /// The ports given, in the order of the specification's.
    public var ports: [PortMapping]
    /// The GPUs given; nil for none.
    public var gpus: [AssignedGPU]?
    /// Nil where it is not probed.
    public var health: Health?

    public init(
        id: AttemptID, number: Int, node: NodeID, epoch: Int64, state: State = .starting,
        createdAt: Timestamp,
        startedAt: Timestamp? = nil, endedAt: Timestamp? = nil, outcome: Outcome? = nil,
        exitCode: Int32? = nil,
        reason: String? = nil, ports: [PortMapping] = [], gpus: [AssignedGPU]? = nil,
        health: Health? = nil
    ) {
        self.gpus = gpus
        self.id = id
        self.number = number
        self.node = node
        self.epoch = epoch
        self.state = state
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.exitCode = exitCode
        self.reason = reason
        self.ports = ports
        self.health = health
    }
}

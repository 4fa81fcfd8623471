public import ClusterModel
public import Core

/// Who is given secrets: an attempt, and where it runs.
public struct SecretRecipient: Hashable, Sendable {
    public var task: TaskID
    public var attempt: AttemptID
    public var project: String
    /// The node's name.
    public var node: String
    /// From where they are asked for: an address, or `local` within the process.
    public var peer: String

    public init(task: TaskID, attempt: AttemptID, project: String, node: String, peer: String) {
        self.task = task
        self.attempt = attempt
        self.project = project
        self.node = node
        self.peer = peer
    }
}

/// Where a worker gets the secrets of an attempt from, when it starts.
public protocol SecretSource: Sendable {
    /// The values of `references`, secrets of the recipient's project, in their order.
    ///
    /// - Throws: ``RuntimeError/rejected(_:hint:)`` for one that is not there; ``RuntimeError/unavailable(_:hint:)`` where
    ///   they cannot be read now.
    func values(
        of references: [SecretReference], for recipient: SecretRecipient
    ) async throws(RuntimeError) -> [SecretBytes]
}

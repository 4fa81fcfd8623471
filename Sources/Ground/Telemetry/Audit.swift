public import Core

/// A change that someone made, or tried to make.
public struct AuditRecord: Hashable, Sendable, Codable {
    public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable { case succeeded, failed, denied }

    /// When it was asked for.
    public var time: Timestamp
    /// Who: the principal's URI, or `anonymous`.
    public var principal: String
    /// What, as the operation's id: `createTask`.
    public var action: String
    /// On what: the URI of the thing.
    public var resource: String
    public var outcome: Outcome
    /// Why it failed or was denied; of a secret that was given, which version to whom; of a program beside a task, its command.
    /// No secret.
    public var reason: String?
    /// The request that asked, as `X-Request-Id` has it.
    public var requestID: String
    /// Where it came from: an address, `unix`, or `local` within the process.
    public var peer: String

    public init(
        time: Timestamp, principal: String, action: String, resource: String, outcome: Outcome,
        reason: String? = nil, requestID: String, peer: String
    ) {
        self.time = time
        self.principal = principal
        self.action = action
        self.resource = resource
        self.outcome = outcome
        self.reason = reason
        self.requestID = requestID
        self.peer = peer
    }
}

/// Where audit records go. A change is acknowledged only after its record was taken.
public protocol AuditSink: Sendable {
    func record(_ record: AuditRecord) async throws
}

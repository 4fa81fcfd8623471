/// What a method asks of its callers, and what is kept of its calls.
public struct RPCRule: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Answers everyone, tells nothing that is anybody's, and is not recorded.
        case open
        /// Only looks: refusals are recorded.
        case read
        /// Changes something: every call is recorded.
        case change
    }

    /// What it is in audit records; the same as the HTTP route's that does the same: `createTask`.
    public var action: String
    public var kind: Kind

    public init(_ action: String, _ kind: Kind) {
        self.action = action
        self.kind = kind
    }
}

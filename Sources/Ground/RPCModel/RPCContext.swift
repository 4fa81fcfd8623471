public import Core

/// What a handler knows of the call it answers. Cancellation is that of its task: the client gave up, or its deadline passed, or the
/// server ends.
public struct RPCContext: Sendable {
    /// `/apollo.v1.Tasks/Get`.
    public var path: String
    public var kind: RPCKind
    /// What the client sent along.
    public var metadata: RPCMetadata
    /// When the client stops waiting; nil for never. Calls that the handler makes in turn end by then, too.
    public var deadline: MonotonicInstant?
    /// Where the client is: `ipv4:127.0.0.1:41234`, `unix:`.
    public var peer: String
    /// Whom its certificate names, with mutual TLS.
    public var identity: RPCPeerIdentity?
    /// The call's name in logs and audit records: the client's `x-request-id`, or a new one.
    public var requestID: String
    private var values: [ObjectIdentifier: any Sendable] = [:]

    public init(
        path: String, kind: RPCKind, metadata: RPCMetadata, deadline: MonotonicInstant?, peer: String,
        identity: RPCPeerIdentity?, requestID: String
    ) {
        self.path = path
        self.kind = kind
        self.metadata = metadata
        self.deadline = deadline
        self.peer = peer
        self.identity = identity
        self.requestID = requestID
    }

    /// The call that the current task answers; what it calls in turn takes deadline and trace from it.
    @TaskLocal public static var current: RPCContext?

    /// What an interceptor left for the handler, such as who calls.
    public subscript<Value: Sendable>(_ type: Value.Type) -> Value? {
        get { values[ObjectIdentifier(type)] as? Value }
        set { values[ObjectIdentifier(type)] = newValue }
    }
}

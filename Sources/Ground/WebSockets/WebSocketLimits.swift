/// What a peer may make us keep.
public struct WebSocketLimits: Hashable, Sendable {
    /// Bytes of one message, in however many frames. A longer one is refused by its first frame that shows it.
    public var messageBytes: Int

    public init(messageBytes: Int = 1 << 20) { self.messageBytes = messageBytes }
}

/// Which end of a connection one is: clients mask what they send, servers must not (RFC 6455, section 5.1).
public enum WebSocketRole: Hashable, Sendable {
    case client
    case server
}

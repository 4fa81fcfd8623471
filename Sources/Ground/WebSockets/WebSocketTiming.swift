/// How long a connection waits for its peer.
public struct WebSocketTiming: Hashable, Sendable {
    /// After this long without a byte from the peer a ping is sent.
    public var heartbeat: Duration
    /// After this long without a byte, counted from the ping, the peer is gone.
    public var silence: Duration
    /// From one's own close frame to the peer's.
    public var closing: Duration

    public init(
        heartbeat: Duration = .seconds(15), silence: Duration = .seconds(20), closing: Duration = .seconds(5)
    ) {
        self.heartbeat = heartbeat
        self.silence = silence
        self.closing = closing
    }
}

/// How a connection ended.
public enum WebSocketEnding: Error, Hashable, Sendable {
    /// As it should: both sides said so. What the peer said.
    case closed(WebSocketClose)
    /// The peer broke the protocol or a limit, and was told.
    case violated(WebSocketViolation)
    /// The peer answered no ping.
    case silent
    /// The peer did not answer the close frame.
    case unanswered
    /// The connection broke, or ended without a close frame.
    case disconnected

    /// Whether both sides took leave.
    public var isProper: Bool { if case .closed = self { true } else { false } }
}

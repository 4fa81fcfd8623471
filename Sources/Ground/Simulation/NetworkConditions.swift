/// How a way from one host to another behaves.
public struct NetworkConditions: Hashable, Sendable {
    /// The time from one host to the other, drawn evenly for every packet. What a connection carries stays in order; what
    /// different connections carry overtakes each other.
    public var latency: ClosedRange<Duration>
    /// The share of packets that get lost. A connection sends them again, which takes ``retransmission`` and doubles; a
    /// datagram is gone.
    public var loss: Double
    /// The share of datagrams that come twice.
    public var duplication: Double
    /// The share of packets at which the connection is reset, as by a box on the way that forgot it.
    public var reset: Double

    public init(
        latency: ClosedRange<Duration> = .microseconds(100) ... .milliseconds(2), loss: Double = 0,
        duplication: Double = 0, reset: Double = 0
    ) {
        self.latency = latency
        self.loss = loss
        self.duplication = duplication
        self.reset = reset
    }

    /// The first time a connection waits before it sends a packet again; each further one is twice as long, up to
    /// ``longestRetransmission``. Linux starts at 200 ms for a connection that is established (tcp(7)).
    static let retransmission: Int64 = 200_000_000
    static let longestRetransmission: Int64 = 10_000_000_000
}

public import Core

/// Messages that may get lost, come twice, or in another order: for heartbeats and other news that the next one replaces.
public protocol DatagramNetwork: Sendable {
    /// Takes the datagrams that are sent to `address`. Throws `conflict` if someone does already.
    func bind(to address: NetworkAddress) async throws -> any DatagramSocket
}

/// An address to send datagrams from and to receive them at. Whoever has one closes it.
public protocol DatagramSocket: Sendable {
    /// The address, with the port that was chosen.
    var address: NetworkAddress { get }

    /// Sends a datagram, of at most 1,200 bytes, and hopes. A full queue on the way loses it.
    func send(_ bytes: [UInt8], to address: NetworkAddress)

    /// Waits for the next datagram; nil once the socket is closed.
    func receive(before deadline: MonotonicInstant) async throws -> Datagram?

    func close()
}

/// A message as it came.
public struct Datagram: Hashable, Sendable {
    public var bytes: [UInt8]
    public var sender: NetworkAddress

    public init(bytes: [UInt8], sender: NetworkAddress) {
        self.bytes = bytes
        self.sender = sender
    }
}

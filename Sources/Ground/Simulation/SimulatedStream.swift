import Core
import Networking

/// One side of a simulated connection.
final class SimulatedStream: ByteStream, @unchecked Sendable {
    private enum State {
        case open
        case closed
        case failed(String)
    }

    /// The most that travels as one packet.
    private static let packetSize = 64 << 10

    let executor: ProcessExecutor
    let local: NetworkAddress
    let peer: NetworkAddress
    private(set) var id = 0
    private let network: SimulatedNetwork
    private let clock: SimulatedClock

    // Both nil once this side is closed.
    private var outgoing: Pipe?
    private var other: SimulatedStream?
    private var state = State.open
    private var hasFinished = false

    private var received: [UInt8] = []
    private var start = 0
    private var hasEnded = false
    private var reader: Waiter<Void>?
    private var writer: Waiter<Void>?
    /// The bytes this side wrote that the other has not read.
    private var unread = 0

    private init(_ interface: NetworkInterface, local: NetworkAddress, peer: NetworkAddress) {
        network = interface.network
        executor = interface.executor
        clock = interface.clock
        self.local = local
        self.peer = peer
    }

    /// The two sides of a new connection.
    static func pair(
        client: NetworkInterface, _ clientAddress: NetworkAddress, server: NetworkInterface,
        _ serverAddress: NetworkAddress
    ) -> (client: SimulatedStream, server: SimulatedStream) {
        let near = SimulatedStream(client, local: clientAddress, peer: serverAddress)
        let far = SimulatedStream(server, local: serverAddress, peer: clientAddress)
        let there = SimulatedNetwork.Link(from: client.host, to: server.host)
        let back = SimulatedNetwork.Link(from: server.host, to: client.host)
        near.outgoing = Pipe(client.network, there, from: near, to: far)
        far.outgoing = Pipe(client.network, back, from: far, to: near)
        near.other = far
        far.other = near
        near.id = client.network.register(near)
        far.id = client.network.register(far)
        return (near, far)
    }

    var isReading: Bool { reader?.isPending == true }
    var isWriting: Bool { writer?.isPending == true }

    // MARK: What the process does

    func read(upTo limit: Int, before deadline: MonotonicInstant) async throws -> [UInt8] {
        precondition(limit > 0)
        precondition(!isReading, "two tasks read from the connection to \(peer)")
        try Task.checkCancellation()
        while true {
            if start < received.count { return takeReceived(limit) }
            if hasEnded, case .open = state { return [] }
            try checkOpen()
            let late = ApolloError(.deadline, "nothing came from \(peer) in time")
            try await executor.wait(until: clock.simulated(deadline), onTime: .failure(late)) { reader = $0 }
        }
    }

    private func takeReceived(_ limit: Int) -> [UInt8] {
        let bytes: [UInt8]
        if start == 0, received.count <= limit {
            bytes = received
            received = []
        } else {
            let end = min(received.count, start + limit)
            bytes = Array(received[start..<end])
            start = end
            if start == received.count {
                received.removeAll(keepingCapacity: true)
                start = 0
            }
        }
        // The news of room in the window travels without delay: it only matters to writers of a great deal.
        other?.wasRead(bytes.count)
        return bytes
    }

    private func wasRead(_ count: Int) {
        unread -= count
        wake(&writer)
    }

    func write(_ bytes: [UInt8], before deadline: MonotonicInstant) async throws {
        precondition(!isWriting, "two tasks write to the connection to \(peer)")
        try Task.checkCancellation()
        precondition(!hasFinished, "a write after the end to \(peer)")
        var offset = 0
        while offset < bytes.count {
            guard executor.isAlive else { throw CancellationError() }
            try checkOpen()
            let room = min(network.window - unread, Self.packetSize)
            guard room > 0 else {
                let late = ApolloError(.deadline, "\(peer) did not read in time")
                try await executor.wait(until: clock.simulated(deadline), onTime: .failure(late)) {
                    writer = $0
                }
                continue
            }
            let end = min(bytes.count, offset + room)
            unread += end - offset
            outgoing?.send(.bytes(end - offset == bytes.count ? bytes : Array(bytes[offset..<end])))
            offset = end
        }
    }

    func finish() async throws {
        guard executor.isAlive else { throw CancellationError() }
        try checkOpen()
        if !hasFinished { outgoing?.send(.end) }
        hasFinished = true
    }

    func close() {
        guard case .open = state, executor.isAlive else { return }
        // Closing with unread bytes tells the other side that they are lost (RFC 9293, 3.6; tcp_close in Linux).
        if start < received.count {
            outgoing?.send(.reset)
        } else if !hasFinished {
            outgoing?.send(.end)
        }
        leave(.closed)
    }

    private func checkOpen() throws {
        switch state {
        case .open: return
        case .closed: throw ApolloError(.unavailable, "the connection to \(peer) is closed")
        case .failed(let reason):
            throw ApolloError(.unavailable, "the connection to \(peer) \(reason)")
        }
    }

    // MARK: What the network does

    /// Takes what arrived; false if nobody is here any more.
    func take(_ packet: Pipe.Packet) -> Bool {
        guard case .open = state else {
            if case .bytes = packet { return false }
            return true
        }
        switch packet {
        case .bytes(let bytes):
            if received.isEmpty { received = bytes } else { received += bytes }
            wake(&reader)
        case .end:
            hasEnded = true
            wake(&reader)
        case .reset: fail("was reset by the other side")
        }
        return true
    }

    /// The connection is of no use any more. What has come can still be read.
    func fail(_ reason: String) {
        guard case .open = state else { return }
        outgoing?.drop()
        leave(.failed(reason))
    }

    /// The process has ended without closing, or with its whole machine.
    func abandon(machineIsGone: Bool) {
        guard case .open = state else { return }
        if machineIsGone { outgoing?.drop() } else { outgoing?.send(.reset) }
        leave(.closed)
    }

    private func leave(_ state: State) {
        self.state = state
        network.unregister(self)
        outgoing = nil
        other = nil
        wake(&reader)
        wake(&writer)
    }

    private func wake(_ waiter: inout Waiter<Void>?) {
        waiter.take()?.end(.success(()))
    }

    /// Parts the two sides at the end of the simulation.
    func dismantle() {
        outgoing = nil
        other = nil
    }
}

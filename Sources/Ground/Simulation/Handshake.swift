import Core
import Networking

/// The making of a connection: a packet there and one back, each sent again while it gets lost.
final class Handshake: @unchecked Sendable {
    private let interface: NetworkInterface
    private let network: SimulatedNetwork
    private let address: NetworkAddress
    private let there: SimulatedNetwork.Link
    private let back: SimulatedNetwork.Link
    private let waiter: Waiter<any ByteStream>
    private var attempt = 0

    init(
        _ interface: NetworkInterface, to address: NetworkAddress, remote: Int, waiter: Waiter<any ByteStream>
    ) {
        self.interface = interface
        self.address = address
        self.waiter = waiter
        network = interface.network
        there = SimulatedNetwork.Link(from: interface.host, to: remote)
        back = SimulatedNetwork.Link(from: remote, to: interface.host)
    }

    func begin() { send(there) { self.requestArrived() } }

    /// Carries a packet; sends it again after 1, 2, 4 … s while it gets lost (RFC 6298).
    private func send(_ link: SimulatedNetwork.Link, _ arrived: @escaping () -> Void) {
        let scheduler = network.scheduler
        let isLost = network.random.chance(link.from == link.to ? 0 : network.conditions(of: link).loss)
        scheduler.schedule(at: scheduler.now + network.delay(link)) { [self] in
            if !isLost, network.carries(link) { return arrived() }
            sendAgain(link, arrived)
        }
    }

    private func sendAgain(_ link: SimulatedNetwork.Link, _ arrived: @escaping () -> Void) {
        let scheduler = network.scheduler
        let wait = Int64(1_000_000_000) << Int64(min(attempt, 6))
        attempt += 1
        scheduler.schedule(at: scheduler.now + wait) { [self] in
            // Who waited for it has given up: so does the system, and a server that had accepted is left half-open.
            if waiter.isPending { send(link, arrived) }
        }
    }

    private func requestArrived() {
        guard let listener = network.listener(at: address) else {
            return send(back) { [self] in
                waiter.end(.failure(ApolloError(.unavailable, "nothing listens on \(address)")))
            }
        }
        guard listener.hasRoom else { return sendAgain(there) { self.requestArrived() } }
        let local = NetworkAddress(host: interface.name, port: network.freePort(interface.name))
        let (near, far) = SimulatedStream.pair(
            client: interface, local, server: listener.interface, listener.address)
        listener.add(far)
        send(back) { [self] in
            if waiter.isPending, interface.executor.isAlive {
                waiter.end(.success(near))
            } else {
                near.abandon(machineIsGone: false)
            }
        }
    }
}

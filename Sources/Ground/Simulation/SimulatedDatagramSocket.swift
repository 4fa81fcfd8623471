import Core
import Networking

final class SimulatedDatagramSocket: DatagramSocket, @unchecked Sendable {
    /// Datagrams that wait to be received; further ones are lost.
    private static let queueLimit = 1024

    let address: NetworkAddress
    private let interface: NetworkInterface
    private var queue: [Datagram] = []
    private var receiver: Waiter<Void>?
    private var isClosed = false

    init(_ interface: NetworkInterface, address: NetworkAddress) {
        self.interface = interface
        self.address = address
    }

    var executor: ProcessExecutor { interface.executor }

    func send(_ bytes: [UInt8], to target: NetworkAddress) {
        precondition(bytes.count <= 1200, "a datagram of \(bytes.count) bytes")
        let network = interface.network
        guard !isClosed, executor.isAlive, let remote = network.known(target.host) else { return }
        let link = SimulatedNetwork.Link(from: interface.host, to: remote)
        let conditions = network.conditions(of: link)
        let copies = network.random.chance(conditions.duplication) ? 2 : 1
        let datagram = Datagram(bytes: bytes, sender: address)
        for _ in 0..<copies where !network.random.chance(conditions.loss) {
            network.scheduler.schedule(at: network.scheduler.now + network.delay(link)) {
                guard network.carries(link) else { return }
                network.socket(at: target)?.take(datagram)
            }
        }
    }

    private func take(_ datagram: Datagram) {
        guard queue.count < Self.queueLimit else { return }
        queue.append(datagram)
        receiver.take()?.end(.success(()))
    }

    func receive(before deadline: MonotonicInstant) async throws -> Datagram? {
        precondition(receiver?.isPending != true, "two tasks receive at \(address)")
        try Task.checkCancellation()
        while true {
            if !queue.isEmpty { return queue.removeFirst() }
            if isClosed { return nil }
            let late = ApolloError(.deadline, "no datagram came to \(address) in time")
            let time = interface.clock.simulated(deadline)
            try await executor.wait(until: time, onTime: .failure(late)) { receiver = $0 }
        }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        interface.network.unregister(self)
        receiver.take()?.end(.success(()))
    }
}

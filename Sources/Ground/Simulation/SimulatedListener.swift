import Core
import Networking

/// Where connections come in.
final class SimulatedListener: NetworkListener, @unchecked Sendable {
    /// Connections that wait to be accepted; further ones get no answer, as with a full backlog in Linux.
    private static let backlog = 128

    let address: NetworkAddress
    let interface: NetworkInterface
    private var waiting: [SimulatedStream] = []
    private var acceptor: Waiter<Void>?
    private var isClosed = false

    init(_ interface: NetworkInterface, address: NetworkAddress) {
        self.interface = interface
        self.address = address
    }

    var executor: ProcessExecutor { interface.executor }
    var isWaiting: Bool { acceptor?.isPending == true }
    var hasRoom: Bool { waiting.count < Self.backlog }

    func accept() async throws -> (any ByteStream)? {
        precondition(!isWaiting, "two tasks accept at \(address)")
        try Task.checkCancellation()
        while true {
            if !waiting.isEmpty { return waiting.removeFirst() }
            if isClosed { return nil }
            try await executor.wait(until: .max, onTime: .success(())) { acceptor = $0 }
        }
    }

    func add(_ stream: SimulatedStream) {
        waiting.append(stream)
        acceptor.take()?.end(.success(()))
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        interface.network.unregister(self)
        for stream in waiting { stream.abandon(machineIsGone: false) }
        waiting.removeAll()
        acceptor.take()?.end(.success(()))
    }
}

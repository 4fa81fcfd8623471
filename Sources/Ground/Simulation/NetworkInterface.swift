public import Core
public import Networking

/// The network as one simulated process sees it.
public final class NetworkInterface: Network, DatagramNetwork, @unchecked Sendable {
    let network: SimulatedNetwork
    let executor: ProcessExecutor
    let clock: SimulatedClock
    let host: Int
    let name: String

    init(_ network: SimulatedNetwork, _ executor: ProcessExecutor, _ clock: SimulatedClock, name: String) {
        self.network = network
        self.executor = executor
        self.clock = clock
        self.name = name
        host = network.index(of: name)
    }

    public func listen(on address: NetworkAddress) async throws -> any NetworkListener {
        let address = try claim(address)
        if network.listener(at: address) != nil {
            throw ApolloError(
                .conflict, "something listens on \(address) already", hint: "choose another port")
        }
        let listener = SimulatedListener(self, address: address)
        network.register(listener)
        return listener
    }

    public func bind(to address: NetworkAddress) async throws -> any DatagramSocket {
        let address = try claim(address)
        if network.socket(at: address) != nil {
            throw ApolloError(
                .exists, "something receives at \(address) already", hint: "choose another port")
        }
        let socket = SimulatedDatagramSocket(self, address: address)
        network.register(socket)
        return socket
    }

    private func claim(_ address: NetworkAddress) throws -> NetworkAddress {
        guard executor.isAlive else { throw CancellationError() }
        guard address.host == name else {
            throw ApolloError(.invalid, "\(address) is not an address of '\(name)'")
        }
        return NetworkAddress(
            host: name, port: address.port == 0 ? network.freePort(name) : address.port)
    }

    public func connect(
        to address: NetworkAddress, before deadline: MonotonicInstant
    ) async throws -> any ByteStream {
        try Task.checkCancellation()
        guard let remote = network.known(address.host) else {
            throw ApolloError(.unavailable, "no host is called '\(address.host)'")
        }
        let late = ApolloError(.deadline, "\(address) did not answer in time")
        return try await executor.wait(until: clock.simulated(deadline), onTime: .failure(late)) { waiter in
            Handshake(self, to: address, remote: remote, waiter: waiter).begin()
        }
    }
}

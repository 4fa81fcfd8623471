import Concurrency
import Core
import EventLoops
import NetworkContract
import Networking
import SocketNetworking
import Testing

struct SocketNetworkTests {
    private static let loops = try! EventLoopGroup(count: 2, name: "test")

    @Test(.timeLimit(.minutes(1)), arguments: NetworkSuite.cases)
    func `sockets keep the contract of the network`(promise: NetworkSuite.Case) async throws {
        let network = SocketNetwork(loops: Self.loops)
        try await promise.check(
            NetworkSuite.Fixture(server: network, client: network, host: "127.0.0.1", clock: LiveClock()))
    }

    @Test(.timeLimit(.minutes(1))) func `a name is looked up`() async throws {
        let network = SocketNetwork(loops: Self.loops)
        let listener = try await network.listen(on: NetworkAddress(host: "localhost", port: 0))
        let deadline = LiveClock().now.advanced(by: .seconds(40))
        let client = try await network.connect(to: listener.address, before: deadline)
        let server = try #require(try await listener.accept())
        try await server.write([1], before: deadline)
        #expect(try await client.read(upTo: 5, before: deadline) == [1])
        client.close()
        server.close()
        listener.close()
    }
}

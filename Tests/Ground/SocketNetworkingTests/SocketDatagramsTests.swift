import Concurrency
import Core
import EventLoops
import Networking
import SocketNetworking
import Testing

@Suite(.timeLimit(.minutes(1))) struct SocketDatagramsTests {
    private static let loops = try! EventLoopGroup(count: 2, name: "udp")
    private let network = SocketDatagrams(loops: Self.loops)
    private var soon: MonotonicInstant { LiveClock().now.advanced(by: .seconds(40)) }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `datagrams come whole, with their sender, and are answered`(host: String) async throws {
        let one = try await network.bind(to: NetworkAddress(host: host, port: 0))
        let two = try await network.bind(to: NetworkAddress(host: host, port: 0))
        #expect(one.address.port > 0 && one.address != two.address)
        one.send([1, 2, 3], to: two.address)
        one.send([], to: two.address)
        one.send([UInt8](repeating: 9, count: 60_000), to: two.address)
        let first = try #require(try await two.receive(before: soon))
        #expect(first == Datagram(bytes: [1, 2, 3], sender: one.address))
        #expect(try await two.receive(before: soon)?.bytes == [])
        #expect(try await two.receive(before: soon)?.bytes.count == 60_000)
        two.send([4], to: first.sender)
        #expect(try await one.receive(before: soon)?.bytes == [4])
        one.close()
        two.close()
    }

    @Test func `waiting ends with the deadline, with the close and with a cancellation`() async throws {
        let socket = try await network.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        let late = await #expect(throws: ApolloError.self) {
            try await socket.receive(before: LiveClock().now.advanced(by: .milliseconds(20)))
        }
        #expect(late?.kind == .deadline)
        let deadline = soon
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await socket.receive(before: deadline)) == nil }
            group.cancelAll()
            #expect(await group.next() == true)
        }
        async let last = socket.receive(before: deadline)
        socket.close()
        #expect(try await last == nil)
        #expect(try await socket.receive(before: deadline) == nil)
        socket.send([1], to: socket.address)
    }

    @Test func `an address that is taken, not this machine's, or none is said so`() async throws {
        let socket = try await network.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        for (address, kind) in [
            (socket.address, ErrorKind.conflict), (NetworkAddress(host: "192.0.2.1", port: 0), .invalid),
            (NetworkAddress(host: "localhost", port: 0), .invalid),
            (NetworkAddress(host: "bad", port: 0), .invalid),
        ] {
            let error = await #expect(throws: ApolloError.self) { try await network.bind(to: address) }
            #expect(error?.kind == kind, "\(address)")
        }
        socket.close()
    }

    @Test func `a datagram that nobody takes spoils nothing`() async throws {
        let gone = try await network.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        gone.close()
        let one = try await network.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        let two = try await network.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        one.send([1], to: gone.address)
        two.send([2], to: one.address)
        #expect(try await one.receive(before: soon)?.bytes == [2])
        one.close()
        two.close()
    }
}

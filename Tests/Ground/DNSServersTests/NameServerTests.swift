import Concurrency
import Core
import DNSModel
import DNSServers
import EventLoops
import Networking
import SocketNetworking
import Testing

@Suite(.timeLimit(.minutes(1))) struct NameServerTests {
    private static let loops = try! EventLoopGroup(count: 2, name: "dns")
    private let network = SocketNetwork(loops: Self.loops)
    private let datagrams = SocketDatagrams(loops: Self.loops)
    private var soon: MonotonicInstant { LiveClock().now.advanced(by: .seconds(40)) }

    private static func query(_ name: String, id: UInt8 = 7, type: UInt8 = 1) -> [UInt8] {
        var bytes: [UInt8] = [0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        return bytes + [0, 0, type, 0, 1]
    }

    /// Runs a server that knows `many.test` with 200 addresses, and forwards what is below `elsewhere`.
    private func withServer(
        forwardingTo servers: [NetworkAddress]? = nil, limits: NameServer.Limits = NameServer.Limits(),
        _ body: (NetworkAddress, NameServer) async throws -> Void
    ) async throws {
        let forwarder = servers.map { servers in
            Forwarder(network: network, datagrams: datagrams, environment: .live) { servers }
        }
        let server = NameServer(
            network: network, datagrams: datagrams, environment: .live, limits: limits, forwarder: forwarder
        ) { query, _ in
            let name = query.question?.name ?? .root
            if name.labels.last == Array("elsewhere".utf8) { return .forward }
            let answers = (0..<200).map {
                DNSRecord(
                    name: name, timeToLive: 1, data: .address(IPAddress(bytes: [10, 0, 0, UInt8($0)])!))
            }
            return .answer(DNSResponse(.success, answers: name == DNSName("many.test") ? answers : []))
        }
        let address = try await server.listen(at: NetworkAddress(host: "127.0.0.1", port: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { server.close() }
            try await body(address, server)
            server.close()
            try await group.waitForAll()
        }
    }

    private func ask(_ bytes: [UInt8], _ server: NetworkAddress) async throws -> [UInt8] {
        let socket = try await datagrams.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        defer { socket.close() }
        socket.send(bytes, to: server)
        return try #require(try await socket.receive(before: soon)).bytes
    }

    /// How the answer says that it went.
    private func code(of bytes: [UInt8], _ server: NetworkAddress) async throws -> UInt8 {
        let answer = try await ask(bytes, server)
        return answer[3] & 0xF
    }

    private func read(_ count: Int, _ stream: any ByteStream) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try await stream.read(upTo: count - bytes.count, before: soon)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    private func message(_ stream: any ByteStream) async throws -> [UInt8] {
        let length = try await read(2, stream)
        guard length.count == 2 else { return [] }
        return try await read(Int(length[0]) << 8 | Int(length[1]), stream)
    }

    @Test func `a long answer is cut over UDP and whole over TCP, on the same port`() async throws {
        try await withServer { address, _ in
            let short = try await ask(Self.query("many.test"), address)
            #expect(short.count <= 512 && short[2] & 2 != 0)
            let stream = try await network.connect(to: address, before: soon)
            defer { stream.close() }
            let question = Self.query("many.test")
            // Two questions at once, the second in pieces.
            try await stream.write([0, UInt8(question.count)] + question + [0], before: soon)
            try await stream.write([UInt8(question.count)] + question, before: soon)
            for _ in 0..<2 {
                let whole = try await message(stream)
                #expect(whole.count > 200 * 16 && whole[2] & 2 == 0 && whole[7] == 200)
            }
        }
    }

    @Test func `what cannot be read is refused or left alone, and the next question answered`() async throws {
        try await withServer { address, server in
            let socket = try await datagrams.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
            defer { socket.close() }
            var isAnswer = Self.query("many.test")
            isAnswer[2] |= 0x80
            let twoQuestions = Self.query("many.test").enumerated().map { $0.offset == 5 ? 2 : $0.element }
            for bytes in [[], [1], isAnswer, [UInt8](repeating: 0xFF, count: 1000), twoQuestions] {
                socket.send(bytes, to: address)
            }
            #expect(
                try #require(try await socket.receive(before: soon)).bytes == [0, 7, 0x81, 1]
                    + [UInt8](repeating: 0, count: 8))
            #expect(try await code(of: Self.query("x.test", type: 252), address) == 5)
            var other = Self.query("x.test")
            other[other.count - 1] = 3
            #expect(try await code(of: other, address) == 5)
            #expect(try await code(of: Self.query("x.test"), address) == 0)
            #expect(server.counts.refused >= 7)
        }
    }

    @Test func `a stream that says more than it sends costs no one else`() async throws {
        var limits = NameServer.Limits()
        limits.idle = .milliseconds(200)
        limits.connections = 1
        try await withServer(limits: limits) { address, _ in
            let slow = try await network.connect(to: address, before: soon)
            try await slow.write([0xFF, 0xFF, 1, 2, 3], before: soon)
            #expect(try await read(1, slow).isEmpty)  // It is closed on.
            slow.close()
            // Its place is free again, perhaps a moment later.
            var answer: [UInt8] = []
            while answer.isEmpty {
                let stream = try await network.connect(to: address, before: soon)
                let question = Self.query("many.test")
                do {
                    try await stream.write([0, UInt8(question.count)] + question, before: soon)
                    answer = try await message(stream)
                } catch let error as ApolloError where error.kind == .unavailable {}  // Not yet.
                stream.close()
            }
            #expect(answer.count > 3000)
        }
    }

    @Test func `other names are asked of the next server that answers, and forgeries passed over`()
        async throws
    {
        let silent = try await datagrams.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        let upstream = try await datagrams.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        let forger = try await datagrams.bind(to: NetworkAddress(host: "127.0.0.1", port: 0))
        defer { for socket in [silent, upstream, forger] { socket.close() } }
        silent.close()
        try await withServer(forwardingTo: [silent.address, upstream.address]) { address, server in
            async let answer = ask(Self.query("www.elsewhere", id: 99), address)
            let asked = try #require(try await upstream.receive(before: soon))
            var forged = asked.bytes
            forged[2] |= 0x80
            forged[3] = 3
            forger.send(forged, to: asked.sender)  // From another address.
            var wrong = forged
            wrong[1] &+= 1
            upstream.send(wrong, to: asked.sender)  // Of another identifier.
            upstream.send(
                forged.enumerated().map { $0.offset == 14 ? UInt8(0x78) : $0.element }, to: asked.sender)
            var right = asked.bytes
            right[2] |= 0x80
            upstream.send(right, to: asked.sender)
            let got = try await answer
            #expect(got[1] == 99 && got[3] & 0xF == 0 && got[2] & 0x80 != 0)
            #expect(Array(got[12...]) == Array(Self.query("www.elsewhere")[12...]))
            #expect(server.counts.forwarded == 1)
        }
    }

    @Test
    func `where nobody is to be asked, other names are refused, and where nobody answers, that is said`()
        async throws
    {
        try await withServer { address, _ in
            let code = try await code(of: Self.query("www.elsewhere"), address)
            #expect(code == 5)
        }
        try await withServer(forwardingTo: []) { address, _ in
            let failed = try await code(of: Self.query("www.elsewhere"), address)
            #expect(failed == 2)
            var once = Self.query("www.elsewhere")
            once[2] = 0  // Without the wish that others be asked.
            let refused = try await code(of: once, address)
            #expect(refused == 5)
        }
    }

    @Test func `a port that is taken is a conflict`() async throws {
        try await withServer { address, _ in
            let other = NameServer(network: network, datagrams: datagrams, environment: .live, forwarder: nil)
            {
                _, _ in .forward
            }
            let error = await #expect(throws: ApolloError.self) { try await other.listen(at: address) }
            #expect(error?.kind == .conflict)
        }
    }

    @Test func `the resolvers of a machine are read`() {
        let text =
            "# comment\nsearch a b\nnameserver 10.0.0.1\nnameserver\tfd00::1 \nnameserver fe80::1%eth0\noptions x\nnameserver 1.1.1.1\nnameserver 2.2.2.2"
        #expect(
            ResolverFile.servers(in: text).map(\.description) == [
                "10.0.0.1:53", "[fd00::1]:53", "1.1.1.1:53",
            ])
        #expect(ResolverFile.servers(in: "").isEmpty)
    }
}

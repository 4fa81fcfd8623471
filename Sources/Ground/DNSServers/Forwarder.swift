import Concurrency
public import Core
import DNSModel
public import Networking
import Synchronization

/// Asks other resolvers what is not this one's to know, one after the other until one answers.
public final class Forwarder: Sendable {
    private let network: any Network
    private let datagrams: any DatagramNetwork
    private let environment: Environment
    private let servers: @Sendable () -> [NetworkAddress]
    private let waiting = Mutex(0)

    /// Questions that wait for an answer at once; further ones fail.
    private static let maximumWaiting = 256
    /// How long one server has.
    private static let patience = Duration.seconds(2)
    private static let tries = 3

    /// - Parameter servers: whom to ask, in this order; asked for at each question, and must not block.
    public init(
        network: any Network, datagrams: any DatagramNetwork, environment: Environment,
        servers: @escaping @Sendable () -> [NetworkAddress]
    ) {
        self.network = network
        self.datagrams = datagrams
        self.environment = environment
        self.servers = servers
    }

    /// The answer to a question that was read as `query`: the first that came, else that there is none.
    func ask(_ bytes: [UInt8], _ query: DNSQuery, isStream: Bool) async -> [UInt8] {
        let isTaken = waiting.withLock { count in
            guard count < Self.maximumWaiting else { return false }
            count += 1
            return true
        }
        guard isTaken else { return Self.failure(query) }
        defer { waiting.withLock { $0 -= 1 } }
        // An identifier and a port of our own: who does not see the question cannot guess them.
        let id = UInt16(truncatingIfNeeded: environment.random.next())
        var question = bytes
        (question[0], question[1]) = (UInt8(id >> 8), UInt8(id & 0xFF))
        for server in servers().prefix(Self.tries) {
            do {
                var answer =
                    isStream
                    ? try await stream(question, query, server) : try await datagram(question, query, server)
                (answer[0], answer[1]) = (UInt8(query.id >> 8), UInt8(query.id & 0xFF))
                return isStream ? answer : Self.cut(answer, query)
            } catch {
                continue  // The next one may know.
            }
        }
        return Self.failure(query)
    }

    private static func failure(_ query: DNSQuery) -> [UInt8] {
        DNSResponse(.serverFailure, isRecursionAvailable: true).bytes(answering: query, limit: 512)
    }

    /// An answer that is longer than whoever asked takes becomes none, and says so: they ask again over TCP.
    private static func cut(_ answer: [UInt8], _ query: DNSQuery) -> [UInt8] {
        let limit = max(512, Int(query.extension?.payload ?? 512))
        guard answer.count > limit else { return answer }
        var short = DNSResponse(.success, isRecursionAvailable: true).bytes(answering: query, limit: 512)
        short[2] |= 0x02
        return short
    }

    private var deadline: MonotonicInstant { environment.clock.now.advanced(by: Self.patience) }

    private func datagram(
        _ question: [UInt8], _ query: DNSQuery, _ server: NetworkAddress
    ) async throws -> [UInt8] {
        let any = server.host.contains(":") ? "::" : "0.0.0.0"
        let socket = try await datagrams.bind(to: NetworkAddress(host: any, port: 0))
        defer { socket.close() }
        socket.send(question, to: server)
        let deadline = deadline
        while let datagram = try await socket.receive(before: deadline) {
            // Others may send there too; only the answer of the one who was asked counts.
            if datagram.sender == server, Self.answers(datagram.bytes, question, query) {
                return datagram.bytes
            }
        }
        throw ApolloError(.unavailable, "\(server) does not answer")
    }

    private func stream(
        _ question: [UInt8], _ query: DNSQuery, _ server: NetworkAddress
    ) async throws -> [UInt8] {
        let deadline = deadline
        let stream = try await network.connect(to: server, before: deadline)
        defer { stream.close() }
        let length = [UInt8(question.count >> 8), UInt8(question.count & 0xFF)]
        try await stream.write(length + question, before: deadline)
        var bytes: [UInt8] = []
        while bytes.count < 2 || bytes.count - 2 < Int(bytes[0]) << 8 | Int(bytes[1]) {
            let more = try await stream.read(upTo: 65537 - bytes.count, before: deadline)
            if more.isEmpty { break }
            bytes += more
        }
        let answer = Array(bytes.dropFirst(2))
        guard bytes.count >= 2, answer.count == Int(bytes[0]) << 8 | Int(bytes[1]),
            Self.answers(answer, question, query)
        else { throw ApolloError(.unavailable, "\(server) does not answer") }
        return answer
    }

    /// Whether `answer` is one to `question`: of the same identifier, and about the same.
    static func answers(_ answer: [UInt8], _ question: [UInt8], _ query: DNSQuery) -> Bool {
        guard let asked = query.question, answer.count >= DNSQuery.headerBytes, answer[2] & 0x80 != 0,
            answer[0] == question[0], answer[1] == question[1]
        else { return false }
        // A server that refuses, or cannot read it, may leave the question out.
        if answer[4] == 0, answer[5] == 0 { return answer[3] & 0xF != 0 }
        let end = DNSQuery.headerBytes + asked.wire.count
        return answer.count >= end && Array(answer[DNSQuery.headerBytes..<end]) == asked.wire
    }
}

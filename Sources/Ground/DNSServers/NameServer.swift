import Concurrency
public import Core
public import DNSModel
public import Networking
import Synchronization

/// Answers questions over UDP and TCP (RFC 1035, 4.2; RFC 7766).
///
/// What it cannot read it refuses, or leaves alone where an answer could go on for ever. Connections, the questions that wait
/// for others, and every wait are bounded.
public final class NameServer: Sendable {
    public struct Limits: Sendable {
        /// Connections at once; further ones are closed.
        public var connections = 128
        /// Questions of one connection.
        public var questions = 1000
        /// How long a connection may be silent.
        public var idle = Duration.seconds(10)

        public init() {}
    }

    /// What was counted, for metrics.
    public struct Counts: Hashable, Sendable {
        public var answered: UInt64 = 0
        public var forwarded: UInt64 = 0
        /// Those that could not be read, and those beyond a bound.
        public var refused: UInt64 = 0
    }

    private let network: any Network
    private let datagrams: any DatagramNetwork
    private let environment: Environment
    private let limits: Limits
    private let forwarder: Forwarder?
    private let answer: @Sendable (DNSQuery, NetworkAddress) -> DNSOutcome
    private let counted = Mutex(Counts())
    private let connections = Mutex(0)

    private struct Doors: Sendable {
        var listener: any NetworkListener
        var socket: any DatagramSocket
    }
    private let doors = Mutex<[Doors]>([])

    /// - Parameters:
    ///   - forwarder: asks elsewhere; nil where what is to be forwarded is refused.
    ///   - answer: what is done with a question of that address. Must not block.
    public init(
        network: any Network, datagrams: any DatagramNetwork, environment: Environment,
        limits: Limits = Limits(), forwarder: Forwarder?,
        answer: @escaping @Sendable (DNSQuery, NetworkAddress) -> DNSOutcome
    ) {
        self.network = network
        self.datagrams = datagrams
        self.environment = environment
        self.limits = limits
        self.forwarder = forwarder
        self.answer = answer
    }

    public var counts: Counts { counted.withLock { $0 } }

    /// Takes questions at `address` from ``run()`` on, over UDP and TCP on one port. Returns it, with the port that was chosen.
    public func listen(at address: NetworkAddress) async throws -> NetworkAddress {
        var failure: any Error = ApolloError(.unavailable, "no port is free at \(address.host)")
        // The port that TCP finds free may not be so for UDP.
        for _ in 0..<(address.port == 0 ? 16 : 1) {
            let listener = try await network.listen(on: address)
            do {
                let socket = try await datagrams.bind(to: listener.address)
                doors.withLock { $0.append(Doors(listener: listener, socket: socket)) }
                return listener.address
            } catch {
                listener.close()
                failure = error
            }
        }
        throw failure
    }

    /// Stops taking questions; ``run()`` returns.
    public func close() {
        for door in doors.withLock({ $0 }) {
            door.listener.close()
            door.socket.close()
        }
    }

    /// Answers until it is closed, or cancelled.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            for door in doors.withLock({ $0 }) {
                group.addTask { await self.take(door.socket) }
                group.addTask { await self.accept(door.listener) }
            }
        }
        try Task.checkCancellation()
    }

    private var never: MonotonicInstant { environment.clock.now.advanced(by: .seconds(86_400 * 365)) }

    // MARK: Datagrams

    private func take(_ socket: any DatagramSocket) async {
        await withDiscardingTaskGroup { group in
            while let datagram = await Self.next(socket, before: never) {
                switch step(datagram.bytes, from: datagram.sender, isStream: false) {
                case .none: continue
                case .bytes(let bytes): socket.send(bytes, to: datagram.sender)
                case .forward(let query, let forwarder):
                    group.addTask {
                        let answer = await forwarder.ask(datagram.bytes, query, isStream: false)
                        socket.send(answer, to: datagram.sender)
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Nil when the socket is closed, or the task cancelled.
    private static func next(_ socket: any DatagramSocket, before deadline: MonotonicInstant) async
        -> Datagram?
    {
        do {
            return try await socket.receive(before: deadline)
        } catch {
            return nil  // It is over: a wait of a year has no other end.
        }
    }

    // MARK: Connections

    private func accept(_ listener: any NetworkListener) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    guard let stream = try await listener.accept() else { break }
                    let isTaken = connections.withLock { count in
                        guard count < limits.connections else { return false }
                        count += 1
                        return true
                    }
                    guard isTaken else {
                        count { $0.refused += 1 }
                        stream.close()
                        continue
                    }
                    group.addTask {
                        await self.serve(stream)
                        self.connections.withLock { $0 -= 1 }
                    }
                } catch {
                    // The machine has no room for it: it stays in the queue. Cancelled, the pause ends at once.
                    guard (try? await environment.clock.sleep(for: .milliseconds(100))) != nil else { break }
                }
            }
            group.cancelAll()
        }
    }

    private func serve(_ stream: any ByteStream) async {
        defer { stream.close() }
        do {
            for _ in 0..<limits.questions {
                guard let length = try await read(2, stream) else { return }
                guard let bytes = try await read(Int(length[0]) << 8 | Int(length[1]), stream) else { return }
                var answer: [UInt8]
                switch step(bytes, from: stream.peer, isStream: true) {
                case .none: return
                case .bytes(let bytes): answer = bytes
                case .forward(let query, let forwarder):
                    answer = await forwarder.ask(bytes, query, isStream: true)
                }
                answer.insert(contentsOf: [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)], at: 0)
                try await stream.write(answer, before: deadline)
            }
        } catch {
            return  // The other end is gone, or too slow: it is its own affair.
        }
    }

    private var deadline: MonotonicInstant { environment.clock.now.advanced(by: limits.idle) }

    /// So many bytes; nil where the stream ends before.
    private func read(_ count: Int, _ stream: any ByteStream) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        let deadline = deadline
        while bytes.count < count {
            let more = try await stream.read(upTo: count - bytes.count, before: deadline)
            if more.isEmpty { return nil }
            bytes += more
        }
        return bytes
    }

    // MARK: Questions

    private enum Step {
        case none
        case bytes([UInt8])
        case forward(DNSQuery, Forwarder)
    }

    private func step(_ bytes: [UInt8], from sender: NetworkAddress, isStream: Bool) -> Step {
        let query: DNSQuery
        do throws(DNSFault) {
            query = try DNSQuery.read(bytes)
        } catch {
            count { $0.refused += 1 }
            guard case .malformed = error, let refusal = DNSQuery.refusal(of: bytes, .formatError) else {
                return .none
            }
            return .bytes(refusal)
        }
        let limit = isStream ? DNSResponse.streamLimit : query.payload(upTo: DNSResponse.payload)
        if let refusal = Self.refusal(of: query) {
            count { $0.refused += 1 }
            return .bytes(DNSResponse(refusal).bytes(answering: query, limit: limit))
        }
        switch answer(query, sender) {
        case .answer(var response):
            count { $0.answered += 1 }
            response.isRecursionAvailable = forwarder != nil
            return .bytes(response.bytes(answering: query, limit: limit))
        case .forward:
            guard let forwarder, query.isRecursionDesired else {
                count { $0.refused += 1 }
                return .bytes(DNSResponse(.refused).bytes(answering: query, limit: limit))
            }
            count { $0.forwarded += 1 }
            return .forward(query, forwarder)
        }
    }

    /// Why a question that can be read is not answered, whatever it is about.
    private static func refusal(of query: DNSQuery) -> DNSCode? {
        guard let question = query.question else { return .notImplemented }
        if let version = query.extension?.version, version > 0 { return .badVersion }
        if question.class != DNSClass.internet, question.class != DNSClass.any { return .refused }
        if question.type == .axfr || question.type == .ixfr { return .refused }
        return nil
    }

    private func count(_ change: (inout Counts) -> Void) { counted.withLock { change(&$0) } }
}

import Core
import EventLoops
import HTTPModel
import HTTPParser
import TLS

/// One connection: reads requests, has them handled one after the other, writes the responses.
///
/// An actor of its loop, so that all of it, and the handler between its awaits, runs on the loop's thread without hops.
actor Connection {
    nonisolated let services: LoopServices
    let transport: Transport
    let parser: HTTPRequestParser
    let peer: String
    /// What the client has shown in TLS, in DER.
    private(set) var certificate: [UInt8]?
    private var task: Task<Void, Never>?

    // What was read and is not used up yet.
    private var buffer: UnsafeMutableRawBufferPointer?
    private(set) var unread = 0..<0
    let start: Int64
    /// Whether it waits for a request, of which nothing has come.
    private(set) var isIdle = false

    /// The number of the request under way; handlers that outlive theirs are told by it.
    var request = 0
    /// Whether a handler, or the stream it returned, runs.
    var isHandling = false
    /// The request under way, for who asks what the server is doing, and since when.
    var current: (method: HTTPMethod, target: String, since: Int64)?
    /// Those who wait for its end.
    var awaiting: [RequestsUnderWay] = []
    /// Whether it is ended from here, though its client may be there.
    private(set) var isCut = false
    var body = IncomingBody()
    var stream = OutgoingStream()
    /// Whether another protocol has the connection now.
    var isUpgraded = false
    /// Whether bytes may still come that nobody will read.
    var mustLinger = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { services.loop.asUnownedSerialExecutor() }
    nonisolated var loop: EventLoop { services.loop }
    var limits: HTTPServerConfiguration.Limits { services.configuration.limits }
    var timeouts: HTTPServerConfiguration.Timeouts { services.configuration.timeouts }

    /// Serves the connection on `descriptor`, which is taken over. Called on the loop.
    static func start(_ descriptor: Int32, peer: String, context: TLSContext?, _ services: LoopServices) {
        let socket: LoopSocket
        do throws(SocketError) {
            socket = try LoopSocket(descriptor: descriptor, loop: services.loop)
        } catch {
            // The loop has stopped meanwhile, or the machine has no room: the descriptor is closed.
            return
        }
        var session: TLSSession?
        if let context {
            do throws(TLSError) {
                session = try TLSSession(context)
            } catch {
                services.configuration.report(.handshakeFailed(peer: peer, error))
                return socket.close()
            }
        }
        let transport = Transport(
            socket: socket, session: session.take(), writeTimeout: services.configuration.timeouts.write,
            counters: services.counters)
        let watch = socket.watch
        let connection = Connection(transport, peer: peer, services)
        guard services.registry.add(connection) else { return watch.close() }
        LoopCounters.add(1, to: services.counters.connections)
        let task = services.loop.spawn { await connection.serve() }
        watch.onHangUp = { [weak connection] in
            connection?.assumeIsolated { $0.peerHungUp() }
        }
        connection.assumeIsolated { $0.task = task }
    }

    private init(_ transport: sending Transport, peer: String, _ services: LoopServices) {
        start = services.loop.now
        self.transport = transport
        self.peer = peer
        self.services = services
        parser = HTTPRequestParser(limits: services.configuration.limits.parser)
    }

    // MARK: - Its life

    private func serve() async {
        do throws(TransportError) {
            try await transport.shakeHands(until: start + services.headTimeout)
            certificate = transport.peerCertificate()
            var handledInTurn = 0
            var turn = loop.turn
            while let head = try await nextHead() {
                guard try await handle(head) else { break }
                // A client that pipelines must not keep the loop from the others.
                handledInTurn = turn == loop.turn ? handledInTurn + 1 : 0
                turn = loop.turn
                if handledInTurn == 16 { await loop.nextTurn() }
            }
            transport.finishWriting()
            if mustLinger { try await linger() }
        } catch {
            // Gone, or too slow: there is no one left to tell.
            if case .tls(let failure) = error, request == 0 {
                services.configuration.report(.handshakeFailed(peer: peer, failure))
            }
        }
        transport.socket.close()
        releaseBuffer()
        services.registry.remove(self)
    }

    /// Takes in what the client still sends, for a short while: closing with bytes unread resets the connection, and the reset
    /// can overtake the response (RFC 9112, section 9.6).
    private func linger() async throws(TransportError) {
        let deadline = loop.now + 2_000_000_000
        var left = 1 << 20
        while left > 0 {
            unread = 0..<0
            guard let count = try fill() else {
                try await transport.readable(until: deadline)
                continue
            }
            if count == 0 { return }
            left -= count
            try await transport.yieldIfSpent()
        }
    }

    /// The peer stopped sending, or the connection broke.
    private func peerHungUp() {
        guard isHandling else { return }
        // A client may stop sending right after its last request and still wait for the answers: as long as something of
        // what it sent is unread it counts as there.
        let watch = transport.socket.watch
        let isWaiting =
            !watch.isHungUp && !transport.isEncrypted && (!unread.isEmpty || transport.socket.hasInput)
        if !isWaiting { task?.cancel() }
    }

    /// Ends with the request under way, or at once if there is none.
    nonisolated func finishSoon() {
        loop.execute {
            self.assumeIsolated { connection in
                if connection.isIdle { connection.transport.socket.watch.interruptReader() }
                // Another protocol has words of its own for it.
                if connection.isUpgraded { connection.task?.cancel() }
            }
        }
    }

    /// Tells `requests` when the request under way has ended, or that there is none.
    nonisolated func await(_ requests: RequestsUnderWay) {
        loop.execute {
            self.assumeIsolated { connection in
                guard connection.isHandling else { return requests.end(of: connection) }
                connection.awaiting.append(requests)
                if connection.isUpgraded { connection.task?.cancel() }
            }
        }
    }

    /// Ends now.
    nonisolated func cut() {
        loop.execute { self.assumeIsolated { $0.end() } }
    }

    /// Ends now, unless the request that `requests` waits for is over.
    nonisolated func cut(_ requests: RequestsUnderWay) {
        loop.execute {
            self.assumeIsolated { connection in
                if connection.awaiting.contains(where: { $0 === requests }) { connection.end() }
            }
        }
    }

    private func end() {
        isCut = true
        task?.cancel()
        transport.socket.watch.abort()
    }

    // MARK: - Reading

    /// The next request's head; nil where there is none, since the peer or the time is gone, or the server stops.
    private func nextHead() async throws(TransportError) -> HTTPRequestHead? {
        var isBetween = request > 0 && unread.isEmpty
        var deadline =
            request == 0
            ? start + services.headTimeout
            : loop.now + (isBetween ? services.idleTimeout : services.headTimeout)
        while true {
            if !unread.isEmpty {
                do throws(HTTPParseError) {
                    if case .head(let head) = try parse() { return head }
                } catch {
                    try await refuse(error.status, error.reason)
                    return nil
                }
            }
            if let count = transport.mayRead ? try fill() : nil {
                guard count > 0 else { return nil }
                if isBetween { deadline = loop.now + services.headTimeout }
                isBetween = false
                continue
            }
            if unread.isEmpty {
                releaseBuffer()
                if services.registry.isDraining { return nil }
            }
            isIdle = unread.isEmpty
            defer { isIdle = false }
            do throws(TransportError) {
                try await transport.readable(until: deadline)
            } catch .timedOut {
                if !unread.isEmpty {
                    try await refuse(
                        408, "the request's head did not come within \(timeouts.head.short)")
                }
                return nil
            }
        }
    }

    /// Reads behind what is unread: how much, 0 at the end, nil when there is nothing now.
    func fill() throws(TransportError) -> Int? {
        var memory = buffer ?? loop.buffers.take()
        if unread.isEmpty {
            unread = 0..<0
        } else if unread.upperBound == memory.count {
            memory = makeRoom(memory)
        }
        buffer = memory
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[unread.upperBound...])
        guard let count = try transport.receive(into: room) else { return nil }
        unread = unread.lowerBound..<unread.upperBound + count
        return count
    }

    /// Moves what is unread to the front of a buffer that has room behind it. The parser's limits bound its size.
    private func makeRoom(_ memory: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        let count = unread.count
        let isFull = unread.lowerBound == 0
        let larger =
            isFull ? UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 64) : memory
        larger.baseAddress!.copyMemory(from: memory.baseAddress! + unread.lowerBound, byteCount: count)
        if isFull { loop.buffers.giveBack(memory) }
        unread = 0..<count
        return larger
    }

    func releaseBuffer() {
        guard let memory = buffer else { return }
        buffer = nil
        unread = 0..<0
        loop.buffers.giveBack(memory)
    }

    /// What the parser finds in the unread bytes. A piece of a body is given as offsets of the buffer.
    func parse() throws(HTTPParseError) -> HTTPParserEvent {
        let start = unread.lowerBound
        let (event, consumed) = try parser.next(unreadBytes.bytes)
        unread = start + consumed..<unread.upperBound
        if case .body(let range) = event {
            return .body(start + range.lowerBound..<start + range.upperBound)
        }
        return event
    }

    private var unreadBytes: UnsafeRawBufferPointer {
        guard let buffer else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: buffer[unread])
    }

    /// Bytes of the buffer, copied.
    func copy(_ range: Range<Int>) -> [UInt8] {
        guard let buffer else { return [] }
        return [UInt8](buffer[range])
    }
}

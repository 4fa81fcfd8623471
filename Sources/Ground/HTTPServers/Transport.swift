import Core
import EventLoops
import HTTPModel
import TLS

/// How the bytes of a connection fail to move.
enum TransportError: Error {
    case closed
    case timedOut
    case tls(TLSError)
    /// What came is no HTTP.
    case malformed(String)

    init(_ error: SocketError) {
        switch error {
        case .timedOut: self = .timedOut
        default: self = .closed
        }
    }
}

extension TransportError {
    /// The same failure for a handler.
    var asBodyError: HTTPBodyError {
        switch self {
        case .closed, .tls: .disconnected
        case .timedOut: .timedOut
        case .malformed(let reason): .malformed(reason)
        }
    }
}

/// The bytes of one connection, plain or through TLS. Belongs to the connection's actor.
final class Transport {
    let socket: LoopSocket
    private var cipher: Cipher?
    private let writeTimeout: Int64
    private let counters: LoopCounters
    /// Bytes of this connection so far.
    private(set) var received = 0
    private(set) var sent = 0

    /// How much one connection moves before the others of its loop get their turn.
    private static let turnBytes = 256 << 10
    private var turn: UInt64 = 0
    private var turnSpent = 0

    init(socket: LoopSocket, session: consuming TLSSession?, writeTimeout: Duration, counters: LoopCounters) {
        self.socket = socket
        if let session = session { cipher = Cipher(session) }
        self.writeTimeout = writeTimeout.inNanoseconds
        self.counters = counters
    }

    var loop: EventLoop { socket.loop }
    var isEncrypted: Bool { cipher != nil }

    /// Whether a read may find something.
    var mayRead: Bool { socket.watch.mayRead || socket.watch.isFinished || (cipher?.holdsInput ?? false) }

    /// Reads what is there: 0 at the end, nil when nothing is there now.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(TransportError) -> Int? {
        let count: Int?
        if let cipher {
            count = try cipher.receive(into: buffer, socket)
        } else {
            do throws(SocketError) {
                count = try socket.receive(into: buffer)
            } catch {
                throw TransportError(error)
            }
        }
        if let count {
            spend(count)
            received &+= count
            LoopCounters.add(count, to: counters.bytesReceived)
        }
        return count
    }

    /// Returns when a read may find something; throws `timedOut` at `deadline` of the loop's clock.
    func readable(until deadline: Int64) async throws(TransportError) {
        guard !(cipher?.holdsInput ?? false) else { return }
        do throws(SocketError) {
            try await socket.readable(until: deadline)
        } catch {
            throw TransportError(error)
        }
    }

    /// Writes what finds room of three pieces, and returns how much that was.
    func sendNow(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        _ third: UnsafeRawBufferPointer = .init(start: nil, count: 0)
    ) throws(TransportError) -> Int {
        let sent: Int
        if let cipher {
            sent = try cipher.send(first, second, third, socket)
        } else {
            do throws(SocketError) {
                sent = try socket.send(first, second, third) ?? 0
            } catch {
                throw TransportError(error)
            }
        }
        spend(sent)
        self.sent &+= sent
        LoopCounters.add(sent, to: counters.bytesSent)
        return sent
    }

    /// Writes all of `bytes` from `start` on. Throws `timedOut` when the peer takes nothing for the write timeout.
    func send(_ bytes: [UInt8], from start: Int = 0) async throws(TransportError) {
        var offset = start
        while offset < bytes.count {
            try await yieldIfSpent()
            let end = min(bytes.count, offset + Self.turnBytes)
            let sent = try sendPart(bytes, offset..<end)
            offset += sent
            if sent == 0 { try await writable() }
        }
        try await flush()
    }

    private func sendPart(_ bytes: [UInt8], _ range: Range<Int>) throws(TransportError) -> Int {
        var result = 0
        var failure: TransportError?
        bytes.withUnsafeBytes { all in
            do throws(TransportError) {
                result = try sendNow(UnsafeRawBufferPointer(rebasing: all[range]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return result
    }

    /// Whether something was encrypted that the network has not taken yet.
    var holdsOutput: Bool { cipher?.holdsOutput ?? false }

    /// Waits until what was encrypted is handed to the network.
    func flush() async throws(TransportError) {
        guard let cipher else { return }
        while try !cipher.flush(socket) { try await writable() }
    }

    /// Sends `count` bytes of a file from `offset` on by the kernel. How many it took: 0 where the file ended early.
    func sendFile(_ file: Int32, from offset: Int, count: Int) async throws(TransportError) -> Int {
        precondition(!isEncrypted)
        var position = offset
        let end = offset + count
        while position < end {
            try await yieldIfSpent()
            let taken: Int?
            do throws(SocketError) {
                taken = try socket.sendFile(
                    file, offset: &position, count: min(end - position, Self.turnBytes))
            } catch {
                throw TransportError(error)
            }
            guard let taken else {
                try await writable()
                continue
            }
            if taken == 0 { break }
            spend(taken)
            sent &+= taken
            LoopCounters.add(taken, to: counters.bytesSent)
            LoopCounters.add(taken, to: counters.bytesSentByKernel)
        }
        return position - offset
    }

    /// The certificate that the client has shown, once the handshake is over.
    func peerCertificate() -> [UInt8]? { cipher?.peerCertificate() }

    /// Goes on with the TLS handshake until it is over.
    func shakeHands(until deadline: Int64) async throws(TransportError) {
        guard let cipher else { return }
        while true {
            let isDone = try cipher.shakeHands(socket)
            while try !cipher.flush(socket) { try await writable() }
            if isDone { return }
            try await readable(until: deadline)
        }
    }

    /// Tells the peer that nothing more comes.
    func finishWriting() {
        cipher?.sayGoodbye(socket)
        socket.finishWriting()
    }

    private func writable() async throws(TransportError) {
        do throws(SocketError) {
            try await socket.writable(until: loop.now + writeTimeout)
        } catch {
            throw TransportError(error)
        }
    }

    /// Lets the other connections of the loop go first when this one has moved its share.
    func yieldIfSpent() async throws(TransportError) {
        guard turn == loop.turn, turnSpent >= Self.turnBytes else { return }
        await loop.nextTurn()
        guard !socket.watch.isClosed else { throw .closed }
    }

    private func spend(_ count: Int) {
        if turn != loop.turn {
            turn = loop.turn
            turnSpent = 0
        }
        turnSpent += count
    }
}

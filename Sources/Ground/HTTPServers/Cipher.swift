import EventLoops
import TLS

/// TLS between a connection and its socket, with what is on the way between the two.
final class Cipher {
    private var session: TLSSession
    /// Encrypted bytes that have come and are not used up, in a buffer of the loop.
    private var input: UnsafeMutableRawBufferPointer?
    private var inputRange = 0..<0
    /// Whether the session may hold plaintext that found no room.
    private var mayHoldPlaintext = false
    /// Encrypted bytes that found no room in the socket.
    private var output: [UInt8] = []
    private var outputStart = 0
    private var isOver = false

    /// So much plaintext, with a record's own bytes, fits into a buffer of the loop.
    private static let recordBytes = BufferPool.capacity - 256

    init(_ session: consuming TLSSession) { self.session = session }

    deinit { input?.deallocate() }

    /// The certificate that the client has shown.
    func peerCertificate() -> [UInt8]? { session.peerCertificate() }

    /// Whether a read can find something without the socket.
    var holdsInput: Bool { mayHoldPlaintext || !inputRange.isEmpty }

    /// Whether something waits for room in the socket.
    var holdsOutput: Bool { !output.isEmpty }

    func receive(into plaintext: UnsafeMutableRawBufferPointer, _ socket: LoopSocket) throws(TransportError)
        -> Int?
    {
        if isOver { return 0 }
        while true {
            if holdsInput {
                let step = try open(into: plaintext, socket)
                if step.plaintext > 0 {
                    mayHoldPlaintext = true
                    return step.plaintext
                }
                mayHoldPlaintext = false
                if step.isFinished {
                    isOver = true
                    releaseInput(socket.loop)
                    return 0
                }
            }
            guard let count = try fill(socket) else {
                releaseInput(socket.loop)
                return nil
            }
            // The end without a closing alert: HTTP's own framing tells whether something is missing.
            if count == 0 {
                isOver = true
                releaseInput(socket.loop)
                return 0
            }
        }
    }

    /// One step of the handshake with what the socket has. Whether it is over.
    func shakeHands(_ socket: LoopSocket) throws(TransportError) -> Bool {
        while true {
            let (step, failure) = withOutput(socket) { output throws(TLSError) in
                try session.handshake(unread.bytes, output: &output)
            }
            if let failure {
                // The alert says why; the client may be gone already.
                // The alert is a courtesy: whoever is gone does not miss it.
                _ = try? flush(socket)
                throw .tls(failure)
            }
            inputRange = inputRange.dropFirst(step.consumed)
            if step.isFinished {
                mayHoldPlaintext = !inputRange.isEmpty
                return true
            }
            // A full output buffer: there is more to come.
            if step.produced == BufferPool.capacity { continue }
            guard let count = try fill(socket) else { return false }
            if count == 0 { throw .closed }
        }
    }

    /// Encrypts and sends what finds room of three pieces. How much of them was taken.
    func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer,
        _ socket: LoopSocket
    ) throws(TransportError) -> Int {
        guard try flush(socket) else { return 0 }
        let total = first.count + second.count + third.count
        // Small pieces share a record.
        if total <= Self.recordBytes, first.count < total {
            let record = socket.loop.buffers.take()
            defer { socket.loop.buffers.giveBack(record) }
            var end = 0
            for piece in [first, second, third] {
                UnsafeMutableRawBufferPointer(rebasing: record[end...]).copyMemory(from: piece)
                end += piece.count
            }
            return try seal(UnsafeRawBufferPointer(rebasing: record[..<end]), socket)
        }
        var sent = 0
        for piece in [first, second, third] {
            var offset = 0
            while offset < piece.count {
                let end = min(piece.count, offset + Self.recordBytes)
                let taken = try seal(UnsafeRawBufferPointer(rebasing: piece[offset..<end]), socket)
                offset += taken
                sent += taken
                guard taken > 0, try flush(socket) else { return sent }
            }
        }
        return sent
    }

    private func seal(_ piece: UnsafeRawBufferPointer, _ socket: LoopSocket) throws(TransportError) -> Int {
        let (step, failure) = withOutput(socket) { output throws(TLSError) in
            try session.seal(piece.bytes, into: &output)
        }
        if let failure { throw failure == .closed ? .closed : .tls(failure) }
        return step.plaintext
    }

    /// Sends what waits. Whether nothing waits any more.
    func flush(_ socket: LoopSocket) throws(TransportError) -> Bool {
        guard !output.isEmpty else { return true }
        var failure: SocketError?
        output.withUnsafeBytes { bytes in
            do throws(SocketError) {
                outputStart += try socket.send(UnsafeRawBufferPointer(rebasing: bytes[outputStart...])) ?? 0
            } catch {
                failure = error
            }
        }
        if let failure { throw TransportError(failure) }
        guard outputStart == output.count else { return false }
        output = []
        outputStart = 0
        return true
    }

    /// Sends the closing alert if there is room for it.
    func sayGoodbye(_ socket: LoopSocket) {
        _ = withOutput(socket) { output throws(TLSError) in session.close(output: &output) }
        // The alert is a courtesy: whoever is gone does not miss it.
        _ = try? flush(socket)
    }

    private var unread: UnsafeRawBufferPointer {
        guard let input else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: input[inputRange])
    }

    private func open(
        into plaintext: UnsafeMutableRawBufferPointer, _ socket: LoopSocket
    ) throws(TransportError) -> TLSSession.Step {
        let (step, failure) = withOutput(socket) { output throws(TLSError) in
            var room = plaintext.mutableBytes
            return try session.open(unread.bytes, into: &room, output: &output)
        }
        if let failure { throw .tls(failure) }
        inputRange = inputRange.dropFirst(step.consumed)
        return step
    }

    /// Reads encrypted bytes behind those that are left. 0 at the end, nil when there are none now.
    private func fill(_ socket: LoopSocket) throws(TransportError) -> Int? {
        guard socket.watch.mayRead || socket.watch.isFinished else { return nil }
        let buffer = input ?? socket.loop.buffers.take()
        input = buffer
        if inputRange.isEmpty { inputRange = 0..<0 }
        // OpenSSL takes what it is given, and so a full buffer with nothing used up cannot be.
        precondition(inputRange.upperBound < buffer.count)
        do throws(SocketError) {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[inputRange.upperBound...])
            guard let count = try socket.receive(into: room) else { return nil }
            inputRange = inputRange.lowerBound..<inputRange.upperBound + count
            return count
        } catch {
            throw TransportError(error)
        }
    }

    private func releaseInput(_ loop: EventLoop) {
        guard let buffer = input, inputRange.isEmpty else { return }
        input = nil
        loop.buffers.giveBack(buffer)
    }

    /// Calls `body` with room for what the session has for the peer, and sends that as far as the socket takes it.
    private func withOutput(
        _ socket: LoopSocket, _ body: (inout MutableRawSpan) throws(TLSError) -> TLSSession.Step
    ) -> (TLSSession.Step, TLSError?) {
        let buffer = socket.loop.buffers.take()
        defer { socket.loop.buffers.giveBack(buffer) }
        var room = buffer.mutableBytes
        var result = TLSSession.Step()
        var failure: TLSError?
        do throws(TLSError) {
            result = try body(&room)
        } catch {
            failure = error
            result.produced = session.alertBytes
        }
        guard result.produced > 0 else { return (result, failure) }
        let produced = UnsafeRawBufferPointer(rebasing: buffer[..<result.produced])
        var sent = 0
        // An error of the socket shows at its next use.
        if output.isEmpty { sent = (try? socket.send(produced)) ?? 0 }
        if sent < produced.count { output += produced[sent...] }
        return (result, failure)
    }
}

import TLS

/// TLS as bytes in, bytes out, in arrays: for a client's one connection, where simple is enough.
final class ClientCipher {
    private var session: TLSSession
    private var encrypted: [UInt8] = []

    private static let room = 32 << 10

    init(_ session: consuming TLSSession) { self.session = session }

    func feed(_ bytes: [UInt8]) { encrypted += bytes }

    func shakeHands() throws(TLSError) -> (isDone: Bool, output: [UInt8]) {
        let input = encrypted
        var output = [UInt8](repeating: 0, count: Self.room)
        var span = output.mutableSpan
        var room = span.mutableBytes
        let step = try session.handshake(input.span.bytes, output: &room)
        encrypted.removeFirst(step.consumed)
        return (step.isFinished, Array(output[..<step.produced]))
    }

    func seal(_ bytes: [UInt8]) throws(TLSError) -> [UInt8] {
        var sealed: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            let piece = Array(bytes[offset..<min(bytes.count, offset + 16_000)])
            var output = [UInt8](repeating: 0, count: Self.room)
            var span = output.mutableSpan
            var room = span.mutableBytes
            let step = try session.seal(piece.span.bytes, into: &room)
            offset += step.plaintext
            sealed += output[..<step.produced]
        }
        return sealed
    }

    func open() throws(TLSError) -> (plaintext: [UInt8], output: [UInt8], isEnd: Bool) {
        var plaintext = [UInt8](repeating: 0, count: Self.room)
        let input = encrypted
        var output = [UInt8](repeating: 0, count: Self.room)
        var plainSpan = plaintext.mutableSpan
        var plainRoom = plainSpan.mutableBytes
        var outputSpan = output.mutableSpan
        var outputRoom = outputSpan.mutableBytes
        let step = try session.open(input.span.bytes, into: &plainRoom, output: &outputRoom)
        encrypted.removeFirst(step.consumed)
        return (Array(plaintext[..<step.plaintext]), Array(output[..<step.produced]), step.isFinished)
    }
}

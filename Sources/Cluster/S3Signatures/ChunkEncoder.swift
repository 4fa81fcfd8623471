import Cryptography

/// Writes a body as `Content-Encoding: aws-chunked`: pieces of one size, the last shorter, each with a signature where they are signed,
/// and a field behind them where that was announced. What ``ChunkDecoder`` reads.
public struct ChunkEncoder: Sendable {
    /// A field behind the pieces, its name in lower case.
    public typealias Trailer = (name: String, value: String)

    private enum Form: Sendable {
        /// What does not fill a piece yet is kept: its signature comes before it.
        case signed(ChunkSigner, pending: [UInt8])
        /// - whole: bytes of the body that are still to come.
        /// - piece: those of the piece that was begun.
        case plain(whole: Int64, piece: Int64)
    }

    /// Data of each piece but the last.
    static let signedPieceBytes = 256 << 10
    /// More, since nothing is kept.
    static let plainPieceBytes: Int64 = 1 << 20
    private static let signatureMark = ";chunk-signature="
    private static let trailerMark = "x-amz-trailer-signature:"

    private var form: Form
    private var isBegun = false

    /// - Parameter signer: begins with the signature of the request.
    public init(signer: ChunkSigner) { form = .signed(signer, pending: []) }

    /// Pieces without signatures.
    ///
    /// - Parameter size: of the body.
    public init(size: Int64) { form = .plain(whole: size, piece: 0) }

    /// How many bytes a body of `size` bytes becomes.
    ///
    /// - Parameter trailer: with a value as long as its own will be.
    public static func length(of size: Int64, isSigned: Bool, trailer: Trailer? = nil) -> Int64 {
        let piece = isSigned ? Int64(signedPieceBytes) : plainPieceBytes
        let rest = size % piece
        var length = size / piece * Self.length(ofPiece: piece, isSigned)
        if rest > 0 { length += Self.length(ofPiece: rest, isSigned) }
        length += Self.length(ofPiece: 0, isSigned)
        guard let trailer else { return length }
        let signature = isSigned ? trailerMark.utf8.count + 64 + 2 : 0
        return length + Int64(trailer.name.utf8.count + 1 + trailer.value.utf8.count + 2 + signature)
    }

    /// A size, its signature, the data, and the ends of two lines.
    private static func length(ofPiece count: Int64, _ isSigned: Bool) -> Int64 {
        let signature = isSigned ? signatureMark.utf8.count + 64 : 0
        return Int64(String(count, radix: 16).utf8.count + signature + 4) + count
    }

    /// Takes data as it comes, and returns what can be sent.
    public mutating func feed(_ bytes: [UInt8]) -> [UInt8] {
        switch form {
        case .plain(let whole, let piece): return feedPlain(bytes, whole, piece)
        case .signed(var signer, var pending):
            var output: [UInt8] = []
            if pending.isEmpty, bytes.count == Self.signedPieceBytes {
                // It is a piece already.
                Self.write(bytes, signed: &signer, to: &output)
            } else {
                pending += bytes
                var start = 0
                while pending.count - start >= Self.signedPieceBytes {
                    let piece = Array(pending[start..<start + Self.signedPieceBytes])
                    Self.write(piece, signed: &signer, to: &output)
                    start += Self.signedPieceBytes
                }
                pending.removeFirst(start)
            }
            form = .signed(signer, pending: pending)
            return output
        }
    }

    private mutating func feedPlain(_ bytes: [UInt8], _ whole: Int64, _ piece: Int64) -> [UInt8] {
        // Within a piece there is nothing to put between.
        if Int64(bytes.count) <= piece {
            form = .plain(whole: whole - Int64(bytes.count), piece: piece - Int64(bytes.count))
            return bytes
        }
        var (whole, piece, at) = (whole, piece, 0)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + 64)
        while at < bytes.count {
            if piece == 0 {
                // Of what is longer than was said the client that sends it makes an error.
                piece = whole > 0 ? min(whole, Self.plainPieceBytes) : Int64(bytes.count - at)
                if isBegun { output += [0x0D, 0x0A] }
                isBegun = true
                output += "\(String(piece, radix: 16))\r\n".utf8
            }
            let count = min(Int(piece), bytes.count - at)
            output += bytes[at..<at + count]
            at += count
            piece -= Int64(count)
            whole -= Int64(count)
        }
        form = .plain(whole: whole, piece: piece)
        return output
    }

    /// What is left, the empty piece that ends the body, and the field behind it.
    public mutating func finish(trailer: Trailer? = nil) -> [UInt8] {
        var output: [UInt8] = []
        var signature: String?
        switch form {
        case .plain: output += (isBegun ? "\r\n0\r\n" : "0\r\n").utf8
        case .signed(var signer, let pending):
            if !pending.isEmpty { Self.write(pending, signed: &signer, to: &output) }
            Self.write([], signed: &signer, to: &output)
            // The fields stand before the empty line that ends the body.
            output.removeLast(2)
            signature = trailer.map { signer.sign(trailer: SHA256.hash("\($0.name):\($0.value)\n").hex) }
        }
        if let trailer { output += "\(trailer.name):\(trailer.value)\r\n".utf8 }
        if let signature { output += "\(Self.trailerMark)\(signature)\r\n".utf8 }
        output += [0x0D, 0x0A]
        return output
    }

    private static func write(_ data: [UInt8], signed signer: inout ChunkSigner, to output: inout [UInt8]) {
        let signature = signer.sign(hash: SHA256.hash(data).hex)
        output.reserveCapacity(output.count + data.count + 128)
        output += "\(String(data.count, radix: 16))\(signatureMark)\(signature)\r\n".utf8
        output += data
        output += [0x0D, 0x0A]
    }
}

import Cryptography

/// Writes a body as `Content-Encoding: aws-chunked`: pieces of one size, the last shorter, each with a signature. What
/// ``ChunkDecoder`` reads.
public struct ChunkEncoder: Sendable {
    public static let payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    /// Data of each piece but the last.
    public static let pieceBytes = 256 << 10

    private var signer: ChunkSigner
    private var pending: [UInt8] = []

    /// - Parameter signer: begins with the signature of the request.
    public init(signer: ChunkSigner) { self.signer = signer }

    /// How many bytes a body of `size` bytes becomes.
    public static func length(of size: Int64) -> Int64 {
        let piece = Int64(pieceBytes)
        let rest = size % piece
        return size / piece * length(ofPiece: piece) + (rest > 0 ? length(ofPiece: rest) : 0)
            + length(ofPiece: 0)
    }

    /// A size, its signature, the data, and the ends of two lines.
    private static func length(ofPiece count: Int64) -> Int64 {
        Int64(String(count, radix: 16).utf8.count + ";chunk-signature=".utf8.count + 64 + 4) + count
    }

    /// Takes data as it comes, and returns the pieces that are whole.
    public mutating func feed(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        pending += bytes
        var start = 0
        while pending.count - start >= Self.pieceBytes {
            write(pending[start..<start + Self.pieceBytes], to: &output)
            start += Self.pieceBytes
        }
        pending.removeFirst(start)
        return output
    }

    /// What is left, and the empty piece that ends the body.
    public mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        if !pending.isEmpty { write(pending[...], to: &output) }
        pending = []
        write([], to: &output)
        return output
    }

    private mutating func write(_ data: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let signature = signer.sign(hash: SHA256.hash(Array(data)).hex)
        output += "\(String(data.count, radix: 16));chunk-signature=\(signature)\r\n".utf8
        output += data
        output += [0x0D, 0x0A]
    }
}

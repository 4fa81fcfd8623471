import Cryptography
public import HTTPModel

/// Why a body in signed pieces is not taken.
public enum ChunkError: Error, Hashable, Sendable {
    case malformed(String)
    /// A piece, or the trailer, has another signature.
    case mismatch
}

/// What the pieces of a body are signed with, one after the other: each signature is about the one before.
public struct ChunkSigner: Sendable {
    private let key: SigningKey
    private let head: String
    private var previous: String

    /// - Parameter seed: the signature of the request itself.
    public init(_ key: SigningKey, _ signature: RequestSignature) {
        self.key = key
        head = "\(SigningTime.text(signature.time))\n\(signature.scope.text)"
        previous = signature.signature
    }

    /// The text that the signature of a piece with this hash is made of.
    private func text(_ hash: String) -> String {
        "AWS4-HMAC-SHA256-PAYLOAD\n\(head)\n\(previous)\n\(RequestSigner.emptyPayload)\n\(hash)"
    }

    private func trailerText(_ hash: String) -> String {
        "AWS4-HMAC-SHA256-TRAILER\n\(head)\n\(previous)\n\(hash)"
    }

    /// The signature of the next piece.
    public mutating func sign(hash: String) -> String {
        previous = key.sign(text(hash))
        return previous
    }

    /// The signature of the fields behind the pieces.
    func sign(trailer hash: String) -> String { key.sign(trailerText(hash)) }

    mutating func verify(_ signature: String, hash: String) -> Bool {
        guard key.isValid(signature, for: text(hash)) else { return false }
        previous = signature
        return true
    }

    func verify(trailer signature: String, hash: String) -> Bool {
        key.isValid(signature, for: trailerText(hash))
    }
}

/// Reads the body of `Content-Encoding: aws-chunked`: pieces with their sizes, each with a signature where they are signed, and
/// fields behind them where those were announced.
///
/// What a piece holds is given out before its signature is checked: use none of it before the end.
public struct ChunkDecoder {
    private enum State {
        case size
        case data(left: Int64, signature: String?)
        /// Behind the data of a piece: its line's end.
        case dataEnd(signature: String?)
        case trailer
        case done
    }

    /// Bytes of a line: a size, or a field of the trailer.
    private static let maximumLine = 1024
    private static let maximumTrailer = 16
    private static let maximumPiece: Int64 = 5 << 30

    private var state = State.size
    private var line: [UInt8] = []
    private var signer: ChunkSigner?
    private let isSigned: Bool
    private let hasTrailer: Bool
    private var hash: MessageDigest?
    private var trailerText = ""
    private var trailerSignature: String?
    /// The fields behind the pieces.
    public private(set) var trailer = HTTPFields()

    /// - Parameter signer: what the pieces are signed with; nil where they are not.
    public init(signer: ChunkSigner?, hasTrailer: Bool) {
        self.signer = signer
        isSigned = signer != nil
        self.hasTrailer = hasTrailer
    }

    /// Whether the body is whole.
    public var isDone: Bool { if case .done = state { true } else { false } }

    /// Takes bytes as they come, and returns the data in them.
    public mutating func feed(_ bytes: [UInt8]) throws(ChunkError) -> [UInt8] {
        // Within a piece that goes on there is nothing to take out.
        if case .data(let left, let signature) = state, left > Int64(bytes.count) {
            hash?.update(bytes)
            state = .data(left: left - Int64(bytes.count), signature: signature)
            return bytes
        }
        var output: [UInt8] = []
        var at = 0
        while at < bytes.count {
            switch state {
            case .data(let left, let signature):
                let count = Int(min(left, Int64(bytes.count - at)))
                let piece = bytes[at..<at + count]
                hash?.update(piece)
                output += piece
                at += count
                let rest = left - Int64(count)
                state = rest == 0 ? .dataEnd(signature: signature) : .data(left: rest, signature: signature)
            case .done: throw .malformed("there are bytes behind the last piece")
            default:
                // By whole lines, which end in CR LF.
                let end = bytes[at...].firstIndex(of: 0x0A)
                line += bytes[at..<(end ?? bytes.count)]
                guard line.count <= Self.maximumLine else { throw .malformed("a line is too long") }
                at = end.map { $0 + 1 } ?? bytes.count
                if end != nil { try takeLine() }
            }
        }
        return output
    }

    private mutating func takeLine() throws(ChunkError) {
        guard line.last == 0x0D else { throw .malformed("a line does not end in CR LF") }
        let text = String(validating: line.dropLast(), as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        guard let text else { throw .malformed("a line is no text") }
        switch state {
        case .size: try begin(text)
        case .dataEnd(let signature):
            guard text.isEmpty else { throw .malformed("a piece is longer than its size") }
            try end(signature)
            state = .size
        case .trailer: try takeTrailer(text)
        case .data, .done: throw .malformed("a line where there is none")
        }
    }

    private mutating func begin(_ text: String) throws(ChunkError) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        let mark = "chunk-signature="
        var signature: String?
        for part in parts.dropFirst() where part.hasPrefix(mark) {
            signature = String(part.dropFirst(mark.count))
        }
        guard (1...16).contains(parts[0].utf8.count), parts[0].utf8.allSatisfy(Self.isDigit),
            let size = Int64(parts[0], radix: 16), size <= Self.maximumPiece
        else { throw .malformed("a piece has no valid size") }
        guard !isSigned || signature != nil else { throw .malformed("a piece has no signature") }
        if isSigned { hash = MessageDigest(.sha256) }
        guard size == 0 else {
            state = .data(left: size, signature: signature)
            return
        }
        try end(signature)
        state = .trailer
    }

    /// Whether what was hashed is what was signed.
    private mutating func end(_ signature: String?) throws(ChunkError) {
        guard isSigned, let finished = hash, let signature else { return }
        hash = nil
        let digest = SHA256Digest(bytes: finished.finalize())
        guard let digest, signer?.verify(signature, hash: digest.hex) ?? false else { throw .mismatch }
    }

    private mutating func takeTrailer(_ text: String) throws(ChunkError) {
        guard !text.isEmpty else {
            try endTrailer()
            state = .done
            return
        }
        guard hasTrailer, trailer.lines.count < Self.maximumTrailer,
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { throw .malformed("there is a trailer that was not announced") }
        let name = text[..<colon].lowercased()
        let value = SignedParts.trimmed(String(text[text.utf8.index(after: colon)...]))
        if name == "x-amz-trailer-signature" {
            trailerSignature = value
        } else {
            trailer.append(name: name, value: value)
            trailerText += "\(name):\(value)\n"
        }
    }

    private func endTrailer() throws(ChunkError) {
        guard isSigned, hasTrailer else { return }
        guard let trailerSignature, let signer,
            signer.verify(trailer: trailerSignature, hash: SHA256.hash(trailerText).hex)
        else { throw .mismatch }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}

import Cryptography
import HTTPModel
import S3Messages
import S3Signatures

/// The body of a request, out of its pieces, and held against what the request says of it: its length, its hash, its signatures.
/// What it gives is to be used only when its end has come without an error.
final class S3Payload {
    private let body: any HTTPBodyReader
    private let hash: MessageDigest?
    private let expected: String?
    private var decoder: ChunkDecoder?
    private var received: Int64 = 0
    /// How many bytes the request says there are; nil where it does not.
    let length: Int64?
    private var isDone = false

    init(_ request: HTTPRequest, _ kind: PayloadKind, _ caller: S3Caller) throws(S3Error) {
        body = request.body
        var (hash, expected): (MessageDigest?, String?) = (nil, nil)
        var field = "Content-Length"
        switch kind {
        case .unsigned: break
        case .hashed(let text): (hash, expected) = (MessageDigest(.sha256), text)
        case .pieces(let isSigned, let hasTrailer, _):
            field = "x-amz-decoded-content-length"
            var signer: ChunkSigner?
            if isSigned {
                guard let key = caller.key, let signature = caller.signature else {
                    throw S3Error(.invalidRequest, "Signed pieces need a signed request.")
                }
                signer = ChunkSigner(key, signature)
            }
            decoder = ChunkDecoder(signer: signer, hasTrailer: hasTrailer)
        }
        (self.hash, self.expected) = (hash, expected)
        if let text = request.fields[field] {
            guard let number = Int64(text), number >= 0 else {
                throw S3Error(.invalidArgument, "\(field) is no length")
            }
            length = number
        } else {
            length = nil
        }
    }

    /// The fields behind the body.
    var trailer: HTTPFields { decoder?.trailer ?? HTTPFields() }

    /// The next bytes; nil at the end, when everything fits.
    func next() async throws -> [UInt8]? {
        while !isDone {
            guard let raw = try await body.next() else {
                try end()
                return nil
            }
            let piece = try decode(raw)
            received += Int64(piece.count)
            if let length, received > length {
                throw S3Error(.incompleteBody, "The request body is longer than it says.")
            }
            hash?.update(piece)
            if !piece.isEmpty { return piece }
        }
        return nil
    }

    private func decode(_ raw: [UInt8]) throws(S3Error) -> [UInt8] {
        guard decoder != nil else { return raw }
        do throws(ChunkError) {
            return try decoder!.feed(raw)
        } catch {
            switch error {
            case .malformed(let reason):
                throw S3Error(.incompleteBody, "The request body is malformed: \(reason)")
            case .mismatch:
                throw S3Error(
                    .signatureDoesNotMatch,
                    "The signature of a piece of the body does not match what was sent.")
            }
        }
    }

    private func end() throws(S3Error) {
        isDone = true
        if let decoder, !decoder.isDone {
            throw S3Error(.incompleteBody, "The request body ends before its last piece.")
        }
        if let length, received != length {
            throw S3Error(
                .incompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header.")
        }
        guard let hash, let expected else { return }
        guard Hex.encode(hash.finalize()) == expected else {
            throw S3Error(
                .contentHashMismatch,
                "The provided 'x-amz-content-sha256' header does not match what was computed.")
        }
    }

    /// All of a short body.
    func collect(upTo limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await next() {
            guard all.count + piece.count <= limit else {
                throw S3Error(.entityTooLarge, "The request body is longer than \(limit) bytes.")
            }
            all += piece
        }
        return all
    }
}

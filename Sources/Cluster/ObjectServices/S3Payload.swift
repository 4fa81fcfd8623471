import Cryptography
import HTTPModel
import S3Messages
import S3Signatures
import Synchronization

/// The body of a request, out of its pieces, and held against what the request says of it: its length, its hash, its signatures.
/// What it gives is to be used only when its end has come without an error.
final class S3Payload: Sendable {
    private struct State {
        let hash: MessageDigest?
        var decoder: ChunkDecoder?
        var received: Int64 = 0
        var isDone = false
    }

    private let body: any HTTPBodyReader
    private let expected: String?
    /// How many bytes the request says there are; nil where it does not.
    let length: Int64?
    private let state: Mutex<State>

    init(_ request: HTTPRequest, _ kind: PayloadKind, _ caller: S3Caller) throws(S3Error) {
        body = request.body
        var (hash, expected): (MessageDigest?, String?) = (nil, nil)
        var decoder: ChunkDecoder?
        var field = "Content-Length"
        switch kind {
        case .unsigned: break
        case .hashed(let text): (hash, expected) = (MessageDigest(.sha256), text)
        case .pieces(let payload):
            field = "x-amz-decoded-content-length"
            var signer: ChunkSigner?
            if payload.isSigned {
                guard let key = caller.key, let signature = caller.signature else {
                    throw S3Error(.invalidRequest, "Signed pieces need a signed request.")
                }
                signer = ChunkSigner(key, signature)
            }
            decoder = ChunkDecoder(signer: signer, hasTrailer: payload.hasTrailer)
        }
        self.expected = expected
        state = Mutex(State(hash: hash, decoder: decoder))
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
    var trailer: HTTPFields { state.withLock { $0.decoder?.trailer } ?? HTTPFields() }

    /// The next bytes; nil at the end, when everything fits. One call at a time.
    func next() async throws -> [UInt8]? {
        while !state.withLock({ $0.isDone }) {
            guard let raw = try await body.next() else {
                try state.withLock { state throws(S3Error) in try end(&state) }
                return nil
            }
            let piece = try state.withLock { state throws(S3Error) in try take(raw, &state) }
            if !piece.isEmpty { return piece }
        }
        return nil
    }

    private func take(_ raw: [UInt8], _ state: inout State) throws(S3Error) -> [UInt8] {
        let piece = try decode(raw, &state)
        state.received += Int64(piece.count)
        if let length, state.received > length {
            throw S3Error(.incompleteBody, "The request body is longer than it says.")
        }
        state.hash?.update(piece)
        return piece
    }

    private func decode(_ raw: [UInt8], _ state: inout State) throws(S3Error) -> [UInt8] {
        guard state.decoder != nil else { return raw }
        do throws(ChunkError) {
            return try state.decoder!.feed(raw)
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

    private func end(_ state: inout State) throws(S3Error) {
        state.isDone = true
        if let decoder = state.decoder, !decoder.isDone {
            throw S3Error(.incompleteBody, "The request body ends before its last piece.")
        }
        if let length, state.received != length {
            throw S3Error(
                .incompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header.")
        }
        guard let hash = state.hash, let expected else { return }
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

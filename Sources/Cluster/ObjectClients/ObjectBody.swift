import Core
import Cryptography
import HTTPClients
public import HTTPModel
import S3Signatures
import Synchronization

/// What is stored: it can be sent again where that did not succeed.
public enum ObjectBody: Sendable {
    case bytes([UInt8])
    /// `length` bytes, by a reader for each try.
    case reader(length: Int64, @Sendable () -> any HTTPBodyReader)

    /// The fields and the body of a signed request.
    ///
    /// - Parameters:
    ///   - inPieces: whether a body that is not in memory is signed piece by piece: else it is not signed, since TLS protects it.
    ///   - plain: the body as it is.
    func signed(
        _ signer: RequestSigner, _ parts: SignedParts, at time: Timestamp, inPieces: Bool,
        as plain: HTTPClientBody
    ) throws -> (HTTPFields, HTTPClientBody) {
        switch self {
        case .bytes(let bytes):
            return (signer.sign(parts, payload: SHA256.hash(bytes).hex, at: time), plain)
        case .reader(0, _): return (signer.sign(parts, payload: RequestSigner.emptyPayload, at: time), plain)
        case .reader(let length, let make):
            guard inPieces else {
                return (signer.sign(parts, payload: RequestSigner.unsignedPayload, at: time), plain)
            }
            var parts = parts
            parts.fields["x-amz-decoded-content-length"] = "\(length)"
            let coding = parts.fields["Content-Encoding"]
            parts.fields["Content-Encoding"] = coding.map { "aws-chunked,\($0)" } ?? "aws-chunked"
            let fields = signer.sign(parts, payload: ChunkEncoder.payload, at: time)
            parts.fields = fields
            guard let signature = try RequestSignature.find(parts) else {
                preconditionFailure("what was just signed has no signature")
            }
            let chunks = ChunkSigner(signature.scope.key(signer.secret), signature)
            return (
                fields,
                .replayable(length: ChunkEncoder.length(of: length)) {
                    SignedBody(make(), ChunkEncoder(signer: chunks))
                }
            )
        }
    }
}

/// A body in signed pieces, made as it is sent.
private final class SignedBody: HTTPBodyReader {
    private struct State {
        var encoder: ChunkEncoder
        var isDone = false
    }

    private let inner: any HTTPBodyReader
    private let state: Mutex<State>

    init(_ inner: any HTTPBodyReader, _ encoder: ChunkEncoder) {
        self.inner = inner
        state = Mutex(State(encoder: encoder))
    }

    func next() async throws -> [UInt8]? {
        while !state.withLock({ $0.isDone }) {
            let piece = try await inner.next()
            let output = state.withLock { state in
                if let piece { return state.encoder.feed(piece) }
                state.isDone = true
                return state.encoder.finish()
            }
            if !output.isEmpty { return output }
        }
        return nil
    }
}

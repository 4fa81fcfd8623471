import Checksums
import Core
import Cryptography
import HTTPClients
public import HTTPModel
public import ObjectModel
import S3Signatures
import Synchronization

/// What is stored: it can be sent again where that did not succeed.
public enum ObjectBody: Sendable {
    case bytes([UInt8])
    /// `length` bytes, by a reader for each try.
    case reader(length: Int64, @Sendable () -> any HTTPBodyReader)

    /// What a trailing checksum has as long as it is not known: as many bytes.
    private static let trailerForm = (name: trailer.field, value: Base64.encode([0, 0, 0, 0]))
    /// By the instruction that processors have for it.
    static let trailer = ObjectChecksum.Algorithm.crc32c

    /// The fields of a request whose body comes in pieces.
    private static func announce(_ payload: StreamingPayload, _ length: Int64, in fields: inout HTTPFields) {
        fields["x-amz-decoded-content-length"] = "\(length)"
        fields["Content-Encoding"] = fields["Content-Encoding"].map { "aws-chunked,\($0)" } ?? "aws-chunked"
        if payload.hasTrailer { fields["x-amz-trailer"] = trailer.field }
    }

    private static func length(of size: Int64, _ payload: StreamingPayload) -> Int64 {
        ChunkEncoder.length(
            of: size, isSigned: payload.isSigned, trailer: payload.hasTrailer ? trailerForm : nil)
    }

    /// The fields and the body of a request that is not signed.
    ///
    /// - Parameter sent: told the checksum that follows a body that is not in memory; nil where none does.
    func unsigned(
        _ given: HTTPFields, _ sent: BodyChecksum?, as plain: HTTPClientBody
    ) -> (HTTPFields, HTTPClientBody) {
        guard case .reader(let length, let make) = self, let sent, length > 0 else { return (given, plain) }
        var fields = given
        let payload = StreamingPayload.unsignedTrailer
        fields["x-amz-content-sha256"] = payload.rawValue
        Self.announce(payload, length, in: &fields)
        return (
            fields,
            .replayable(length: Self.length(of: length, payload)) {
                ChunkedBody(make(), ChunkEncoder(size: length), sent)
            }
        )
    }

    /// The fields and the body of a signed request.
    ///
    /// - Parameters:
    ///   - isSecure: whether TLS protects a body that is not in memory: else it is signed piece by piece.
    ///   - sent: told the checksum that follows such a body; nil where none does.
    ///   - plain: the body as it is.
    func signed(
        _ signer: RequestSigner, _ parts: SignedParts, at time: Timestamp, isSecure: Bool,
        _ sent: BodyChecksum?, as plain: HTTPClientBody
    ) throws -> (HTTPFields, HTTPClientBody) {
        switch self {
        case .bytes(let bytes):
            return (signer.sign(parts, payload: SHA256.hash(bytes).hex, at: time), plain)
        case .reader(0, _): return (signer.sign(parts, payload: RequestSigner.emptyPayload, at: time), plain)
        case .reader(let length, let make):
            let payload: StreamingPayload
            switch (isSecure, sent != nil) {
            case (true, false):
                return (signer.sign(parts, payload: RequestSigner.unsignedPayload, at: time), plain)
            case (true, true): payload = .unsignedTrailer
            case (false, false): payload = .signed
            case (false, true): payload = .signedTrailer
            }
            var parts = parts
            Self.announce(payload, length, in: &parts.fields)
            let fields = signer.sign(parts, payload: payload.rawValue, at: time)
            parts.fields = fields
            guard let signature = try RequestSignature.find(parts) else {
                preconditionFailure("what was just signed has no signature")
            }
            let encoder =
                payload.isSigned
                ? ChunkEncoder(signer: ChunkSigner(signature.scope.key(signer.secret), signature))
                : ChunkEncoder(size: length)
            return (
                fields,
                .replayable(length: Self.length(of: length, payload)) {
                    ChunkedBody(make(), encoder, sent)
                }
            )
        }
    }
}

/// The checksum that followed a body, of the last try.
final class BodyChecksum: Sendable {
    private let sum = Mutex<ObjectChecksum?>(nil)

    var value: ObjectChecksum? { sum.withLock(\.self) }

    func set(_ value: ObjectChecksum) { sum.withLock { $0 = value } }
}

/// A body in pieces, made as it is sent.
private final class ChunkedBody: HTTPBodyReader {
    private struct State {
        var encoder: ChunkEncoder
        var sum = CRC32(.castagnoli)
        var isDone = false
    }

    private let inner: any HTTPBodyReader
    /// Nil where no checksum follows.
    private let sent: BodyChecksum?
    private let state: Mutex<State>

    init(_ inner: any HTTPBodyReader, _ encoder: ChunkEncoder, _ sent: BodyChecksum?) {
        self.inner = inner
        self.sent = sent
        state = Mutex(State(encoder: encoder))
    }

    func next() async throws -> [UInt8]? {
        while !state.withLock({ $0.isDone }) {
            let piece = try await inner.next()
            let output = state.withLock { state in
                if let piece {
                    if sent != nil { state.sum.update(piece) }
                    return state.encoder.feed(piece)
                }
                state.isDone = true
                guard let sent else { return state.encoder.finish() }
                let value = ObjectChecksum.text(state.sum.value)
                sent.set(ObjectChecksum(ObjectBody.trailer, value))
                return state.encoder.finish(trailer: (ObjectBody.trailer.field, value))
            }
            if !output.isEmpty { return output }
        }
        return nil
    }
}

extension ObjectChecksum {
    /// A sum that is a number, as it is written in fields.
    public static func text(_ sum: some FixedWidthInteger) -> String {
        Base64.encode(withUnsafeBytes(of: sum.bigEndian) { Array($0) })
    }
}

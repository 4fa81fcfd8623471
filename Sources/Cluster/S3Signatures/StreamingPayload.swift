/// What `x-amz-content-sha256` says of a body that comes in pieces (Amazon S3 API Reference: "Signature Calculations for the Authorization
/// Header: Transferring Payload in Multiple Chunks").
public enum StreamingPayload: String, Hashable, Sendable, CaseIterable {
    case signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    case signedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    case unsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

    /// Whether each piece has a signature.
    public var isSigned: Bool { self != .unsignedTrailer }
    /// Whether fields follow the last piece.
    public var hasTrailer: Bool { self != .signed }
}

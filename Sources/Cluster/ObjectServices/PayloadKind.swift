import HTTPModel
import S3Messages
import S3Signatures

/// What a request says of its body, in `x-amz-content-sha256`.
enum PayloadKind: Hashable, Sendable {
    /// Its SHA-256, in hexadecimal.
    case hashed(String)
    case unsigned
    /// In pieces, signed or not, with a trailer or not.
    case pieces(StreamingPayload)

    static let field = "x-amz-content-sha256"

    init(_ fields: HTTPFields) throws(S3Error) {
        guard let text = fields[Self.field] else {
            self = .unsigned
            return
        }
        switch text {
        case RequestSigner.unsignedPayload: self = .unsigned
        case _ where text.hasPrefix("STREAMING-"):
            guard let payload = StreamingPayload(rawValue: text) else {
                throw S3Error(.notImplemented, "The payload \(text) is not implemented")
            }
            self = .pieces(payload)
        case _ where text.utf8.count == 64 && text.utf8.allSatisfy(Self.isDigit):
            self = .hashed(text.lowercased())
        default:
            throw S3Error(
                .invalidArgument,
                "\(Self.field) must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value."
            )
        }
    }

    /// As it is signed.
    var text: String {
        switch self {
        case .hashed(let hash): hash
        case .unsigned: RequestSigner.unsignedPayload
        case .pieces(let payload): payload.rawValue
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}

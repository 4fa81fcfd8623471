/// An additional checksum that a client names, beside the entity tag.
public struct ObjectChecksum: Hashable, Sendable {
    public enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case crc32 = "CRC32"
        case crc32c = "CRC32C"
        case sha1 = "SHA1"
        case sha256 = "SHA256"

        /// The field of requests and responses that has its value.
        public var field: String { "x-amz-checksum-\(rawValue.lowercased())" }

        public var byteCount: Int {
            switch self {
            case .crc32, .crc32c: 4
            case .sha1: 20
            case .sha256: 32
            }
        }
    }

    public var algorithm: Algorithm
    /// In base 64, and of an upload in parts with `-N` behind it.
    public var value: String

    public init(_ algorithm: Algorithm, _ value: String) {
        self.algorithm = algorithm
        self.value = value
    }
}

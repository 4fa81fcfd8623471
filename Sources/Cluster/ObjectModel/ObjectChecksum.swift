/// An additional checksum that a client names, beside the entity tag.
public struct ObjectChecksum: Hashable, Sendable {
    public enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case crc32 = "CRC32"
        case crc32c = "CRC32C"
        case crc64nvme = "CRC64NVME"
        case sha1 = "SHA1"
        case sha256 = "SHA256"

        /// The field of requests and responses that has its value.
        public var field: String { "x-amz-checksum-\(rawValue.lowercased())" }

        public var byteCount: Int {
            switch self {
            case .crc32, .crc32c: 4
            case .crc64nvme: 8
            case .sha1: 20
            case .sha256: 32
            }
        }

        /// Whether that of a whole can be computed of those of its parts.
        public var isLinear: Bool {
            switch self {
            case .crc32, .crc32c, .crc64nvme: true
            case .sha1, .sha256: false
            }
        }
    }

    /// What a checksum of an upload in parts is of.
    public enum Kind: String, Hashable, Sendable {
        /// The bytes, as of any other object.
        case whole = "FULL_OBJECT"
        /// The checksums of the parts, one after the other.
        case composite = "COMPOSITE"
    }

    public var algorithm: Algorithm
    /// In base 64, and of an upload in parts with `-N` behind it.
    public var value: String

    public init(_ algorithm: Algorithm, _ value: String) {
        self.algorithm = algorithm
        self.value = value
    }

    public var kind: Kind { value.utf8.contains(UInt8(ascii: "-")) ? .composite : .whole }
}

/// A `.proto` file, described as protoc describes it: what a server's reflection service answers with. Generated files have
/// one, `protobufFile_<name>`.
public struct ProtobufFile: Sendable {
    /// Its path, as others import it: `grpc/health/v1/health.proto`.
    public let name: String
    /// The paths of the files it imports.
    public let dependencies: [String]
    /// The full names of its messages, enumerations and services.
    public let symbols: [String]
    private let encoded: StaticString

    /// `descriptor` is base 64 of a `google.protobuf.FileDescriptorProto`, with or without line ends.
    public init(name: String, dependencies: [String], symbols: [String], descriptor: StaticString) {
        self.name = name
        self.dependencies = dependencies
        self.symbols = symbols
        encoded = descriptor
    }

    /// The file as a `google.protobuf.FileDescriptorProto`, without comments.
    public var descriptor: [UInt8] {
        encoded.withUTF8Buffer { text in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count * 3 / 4)
            var (bits, width): (UInt32, Int) = (0, 0)
            for character in text {
                guard let value = Self.value(of: character) else { continue }
                bits = bits << 6 | value
                width += 6
                if width >= 8 {
                    width -= 8
                    bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(width)))
                }
            }
            return bytes
        }
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - 97 + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - 48 + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

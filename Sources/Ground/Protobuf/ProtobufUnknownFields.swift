/// Fields that a message's type does not know, as they came: tag, value, tag, value.
public struct ProtobufUnknownFields: Hashable, Sendable {
    public internal(set) var bytes: [UInt8] = []

    public init() {}

    @inlinable public var isEmpty: Bool { bytes.isEmpty }
}

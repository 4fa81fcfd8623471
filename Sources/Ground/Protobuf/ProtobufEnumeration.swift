/// An enumeration of protocol buffers. It is open: a number that has no name here, since the sender is newer, is kept and written
/// again, and so the generated types are structures with a constant for each name.
public protocol ProtobufEnumeration: RawRepresentable, Hashable, Sendable, CustomStringConvertible
where RawValue == Int32 {
    /// The names of the `.proto` file by their numbers; where a number has several names, the first.
    static var protobufNames: [Int32: String] { get }

    init(rawValue: Int32)
}

extension ProtobufEnumeration {
    /// The default: 0.
    @inlinable
    public init() { self.init(rawValue: 0) }

    /// The name that the `.proto` file gives it, or nil for a number that has none.
    public var protobufName: String? { Self.protobufNames[rawValue] }

    public var description: String { protobufName ?? "\(rawValue)" }
}

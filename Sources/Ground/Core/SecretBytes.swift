/// Bytes that nobody may read by accident: in a log, an error or a debugger's list they are an ellipsis.
public struct SecretBytes: Hashable, Sendable {
    /// The secret.
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How long it is, which is no secret.
    public var count: Int { bytes.count }

    /// The secret as text, where it is UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

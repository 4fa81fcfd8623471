/// A secret in memory. However it is printed, dumped or interpolated, it shows as `[redacted]`; only ``revealed``
/// gives it away, where a reader can find every use.
public struct Redacted<Value: Sendable>: Sendable {
    public let revealed: Value

    public init(_ value: Value) { revealed = value }
}

extension Redacted: Equatable where Value: Equatable {}
extension Redacted: Hashable where Value: Hashable {}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "[redacted]" }
    public var debugDescription: String { "[redacted]" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A large value that is copied by reference: who copies a record that has one copies a pointer, and not each of its fields.
public struct Shared<Value: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    @usableFromInline
    final class Box: Sendable {
        @usableFromInline let value: Value

        @inlinable
        init(_ value: Value) { self.value = value }
    }

    @usableFromInline let box: Box

    @inlinable
    public init(_ value: Value) { box = Box(value) }

    @inlinable public var value: Value { box.value }

    @inlinable
    public static func == (a: Self, b: Self) -> Bool { a.box === b.box || a.box.value == b.box.value }

    @inlinable
    public func hash(into hasher: inout Hasher) { hasher.combine(box.value) }

    public init(from decoder: any Decoder) throws { box = Box(try Value(from: decoder)) }
    public func encode(to encoder: any Encoder) throws { try box.value.encode(to: encoder) }
}

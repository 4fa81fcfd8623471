/// Header or trailer fields in their order, found by name without regard to case.
public struct HTTPFields: Hashable, Sendable {
    /// One field line.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var lines: [Field]

    public init(_ lines: [Field] = []) { self.lines = lines }

    public init(_ pairs: KeyValuePairs<String, String>) {
        lines = pairs.map { Field(name: $0.key, value: $0.value) }
    }

    public mutating func reserveCapacity(_ count: Int) { lines.reserveCapacity(count) }

    public mutating func append(name: String, value: String) {
        lines.append(Field(name: name, value: value))
    }

    /// The first value of `name`; setting replaces every line of that name, nil removes them.
    public subscript(name: String) -> String? {
        get { lines.first { Self.isSame($0.name, name) }?.value }
        set {
            lines.removeAll { Self.isSame($0.name, name) }
            if let newValue { append(name: name, value: newValue) }
        }
    }

    /// Every value of `name`, in order.
    public func values(_ name: String) -> [String] {
        lines.compactMap { Self.isSame($0.name, name) ? $0.value : nil }
    }

    public func contains(_ name: String) -> Bool { lines.contains { Self.isSame($0.name, name) } }

    /// Whether two field names are the same: ASCII letters compare without case.
    @inlinable
    public static func isSame(_ a: String, _ b: String) -> Bool {
        let a = a.utf8
        let b = b.utf8
        guard a.count == b.count else { return false }
        return zip(a, b).allSatisfy { lowered($0) == lowered($1) }
    }

    @inlinable
    static func lowered(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }
}

/// Reads what ``ByteWriter`` wrote, from bytes that nobody vouches for: no length is believed beyond what is there.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    var remaining: Int { bytes.endIndex - position }

    private mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func integer<Integer: FixedWidthInteger>(
        _: Integer.Type = Integer.self
    ) throws(WireError) -> Integer {
        var value: Integer = 0
        for (index, byte) in try take(MemoryLayout<Integer>.size).enumerated() {
            value |= Integer(truncatingIfNeeded: byte) << Integer(truncatingIfNeeded: index * 8)
        }
        return value
    }

    mutating func flag() throws(WireError) -> Bool {
        let byte: UInt8 = try integer()
        guard byte <= 1 else { throw .invalid("flag \(byte)") }
        return byte == 1
    }

    mutating func blob() throws(WireError) -> [UInt8] {
        let count: UInt32 = try integer()
        return Array(try take(Int(count)))
    }

    mutating func bytes(_ count: Int) throws(WireError) -> [UInt8] { Array(try take(count)) }

    mutating func text() throws(WireError) -> String {
        let count: UInt32 = try integer()
        guard let text = String(validating: try take(Int(count)), as: UTF8.self) else {
            throw .invalid("text that is not UTF-8")
        }
        return text
    }

    mutating func list<Element>(
        _ each: (inout ByteReader) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        let count: UInt32 = try integer()
        // Every element has at least a byte, so a count beyond the bytes is a lie; nothing is reserved for it.
        guard Int(count) <= remaining else { throw .truncated }
        var values: [Element] = []
        for _ in 0..<count { values.append(try each(&self)) }
        return values
    }

    mutating func optional<Wrapped>(
        _ some: (inout ByteReader) throws(WireError) -> Wrapped
    ) throws(WireError) -> Wrapped? {
        try flag() ? try some(&self) : nil
    }

    mutating func value<Value: WireValue>(_: Value.Type = Value.self) throws(WireError) -> Value {
        try Value(from: &self)
    }

    /// Refuses bytes that no value claimed.
    func finish() throws(WireError) {
        guard remaining == 0 else { throw .trailing }
    }
}

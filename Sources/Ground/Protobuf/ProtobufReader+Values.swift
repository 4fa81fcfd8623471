/// Values of every kind, each read behind its tag. Numbers wider than their type lose their upper bits, as everywhere.
extension ProtobufReader {
    @inlinable @inline(__always)
    public mutating func int32() throws(ProtobufError) -> Int32 {
        Int32(truncatingIfNeeded: try varint())
    }

    @inlinable @inline(__always)
    public mutating func int64() throws(ProtobufError) -> Int64 {
        Int64(truncatingIfNeeded: try varint())
    }

    @inlinable @inline(__always)
    public mutating func uint32() throws(ProtobufError) -> UInt32 {
        UInt32(truncatingIfNeeded: try varint())
    }

    @inlinable @inline(__always)
    public mutating func uint64() throws(ProtobufError) -> UInt64 { try varint() }

    @inlinable @inline(__always)
    public mutating func sint32() throws(ProtobufError) -> Int32 {
        ZigZag.decode(UInt32(truncatingIfNeeded: try varint()))
    }

    @inlinable @inline(__always)
    public mutating func sint64() throws(ProtobufError) -> Int64 { ZigZag.decode(try varint()) }

    @inlinable @inline(__always)
    public mutating func fixed32() throws(ProtobufError) -> UInt32 {
        UInt32(littleEndian: try fixed(UInt32.self))
    }

    @inlinable @inline(__always)
    public mutating func fixed64() throws(ProtobufError) -> UInt64 {
        UInt64(littleEndian: try fixed(UInt64.self))
    }

    @inlinable @inline(__always)
    public mutating func sfixed32() throws(ProtobufError) -> Int32 { Int32(bitPattern: try fixed32()) }

    @inlinable @inline(__always)
    public mutating func sfixed64() throws(ProtobufError) -> Int64 { Int64(bitPattern: try fixed64()) }

    @inlinable @inline(__always)
    public mutating func float() throws(ProtobufError) -> Float { Float(bitPattern: try fixed32()) }

    @inlinable @inline(__always)
    public mutating func double() throws(ProtobufError) -> Double { Double(bitPattern: try fixed64()) }

    @inlinable @inline(__always)
    public mutating func bool() throws(ProtobufError) -> Bool { try varint() != 0 }

    @inlinable @inline(__always)
    public mutating func enumeration<Value: ProtobufEnumeration>() throws(ProtobufError) -> Value {
        Value(rawValue: try int32())
    }

    public mutating func string() throws(ProtobufError) -> String {
        let length = try length()
        let bytes = UnsafeBufferPointer(
            start: position.assumingMemoryBound(to: UInt8.self), count: length)
        do {
            // Not String(validating:), whose generics are made out anew for every text.
            let text = String(copying: try UTF8Span(validating: bytes.span))
            position += length
            return text
        } catch {
            throw failure(.invalidText)
        }
    }

    public mutating func bytes() throws(ProtobufError) -> [UInt8] {
        let length = try length()
        let bytes = [UInt8](UnsafeRawBufferPointer(start: position, count: length))
        position += length
        return bytes
    }
}

/// Signed numbers whose small magnitudes are short: 0, -1, 1, -2 become 0, 1, 2, 3.
@usableFromInline
enum ZigZag {
    @inlinable
    static func decode(_ value: UInt32) -> Int32 {
        Int32(bitPattern: value >> 1) ^ -Int32(bitPattern: value & 1)
    }

    @inlinable
    static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    @inlinable
    static func encode(_ value: Int32) -> UInt32 { UInt32(bitPattern: (value << 1) ^ (value >> 31)) }

    @inlinable
    static func encode(_ value: Int64) -> UInt64 { UInt64(bitPattern: (value << 1) ^ (value >> 63)) }
}

/// Reads the fields of a message: what generated code calls.
///
/// A reader exists only while a message is read from memory that outlives it: it cannot be made, copied or kept elsewhere.
/// What generated code calls for every field is inlined into it; what is rare is not.
/// The wire format: https://protobuf.dev/programming-guides/encoding/
public struct ProtobufReader: ~Copyable {
    @usableFromInline var position: UnsafeRawPointer
    /// Where the message that is read now ends.
    @usableFromInline var end: UnsafeRawPointer
    /// How many more messages may lie in this one.
    @usableFromInline var depth: Int
    @usableFromInline var fieldStart: UnsafeRawPointer
    @usableFromInline var tag: UInt32 = 0
    private let start: UnsafeRawPointer

    init(_ buffer: UnsafeRawBufferPointer, depth: Int) {
        // An empty buffer may have no address; nothing is read through this one.
        start = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        position = start
        fieldStart = start
        end = start + buffer.count
        self.depth = depth
    }

    /// The tag of the next field, which is its number times eight and its wire type; nil at the end of the message.
    @inlinable @inline(__always)
    public mutating func nextTag() throws(ProtobufError) -> UInt32? {
        guard position < end else { return nil }
        fieldStart = position
        let byte = position.load(as: UInt8.self)
        guard byte < 0x80, byte >= 8, byte & 7 <= 5 else { return try longTag() }
        position += 1
        tag = UInt32(byte)
        return tag
    }

    @usableFromInline @inline(never)
    mutating func longTag() throws(ProtobufError) -> UInt32 {
        tag = 0
        let number = try varint()
        guard number >= 8, number <= UInt32.max, number & 7 <= 5, position - fieldStart <= 5 else {
            throw failure(.invalidTag)
        }
        tag = UInt32(number)
        return tag
    }

    @inlinable @inline(__always)
    mutating func varint() throws(ProtobufError) -> UInt64 {
        if position < end {
            let byte = position.load(as: UInt8.self)
            if byte < 0x80 {
                position += 1
                return UInt64(byte)
            }
        }
        return try longVarint()
    }

    /// Up to ten bytes, seven bits in each, the lowest first. Bits above 64 are dropped, as Google's readers do.
    @usableFromInline @inline(never)
    mutating func longVarint() throws(ProtobufError) -> UInt64 {
        var next = position
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while next < end {
            let byte = next.load(as: UInt8.self)
            next += 1
            value |= UInt64(byte & 0x7f) &<< shift
            if byte < 0x80 {
                position = next
                return value
            }
            shift += 7
            guard shift <= 63 else { throw failure(.longNumber) }
        }
        throw failure(.truncated)
    }

    /// A length, and that so many bytes are there.
    @inlinable @inline(__always)
    mutating func length() throws(ProtobufError) -> Int {
        let length = try varint()
        guard length <= UInt64(end - position) else { throw failure(.truncated) }
        return Int(truncatingIfNeeded: length)
    }

    @inlinable @inline(__always)
    mutating func fixed<Value: BitwiseCopyable>(_ type: Value.Type) throws(ProtobufError) -> Value {
        guard end - position >= MemoryLayout<Value>.size else { throw failure(.truncated) }
        let value = position.loadUnaligned(as: Value.self)
        position += MemoryLayout<Value>.size
        return value
    }

    @usableFromInline @inline(never)
    func failure(_ cause: ProtobufError.Cause) -> ProtobufError {
        ProtobufError(cause, offset: fieldStart - start, field: tag == 0 ? nil : Int(tag >> 3))
    }
}

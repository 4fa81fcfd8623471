/// Writes the fields of a message: what generated code calls.
///
/// It writes backwards. The length of a message stands before its bytes, and is known once they are written: so the last field is
/// written first, each value before its tag, every list from its end. Nothing is measured beforehand and nothing moved afterwards.
public struct ProtobufWriter: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var end: UnsafeMutableRawPointer
    /// What is written lies from here to the end.
    @usableFromInline var position: UnsafeMutableRawPointer

    init(capacity: Int = 512) {
        base = .allocate(byteCount: capacity, alignment: 8)
        end = base + capacity
        position = end
    }

    deinit { base.deallocate() }

    /// How many bytes are written.
    @inlinable
    var count: Int { end - position }

    var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: position, count: count)) }

    /// Makes room before what is written.
    @inlinable @inline(__always)
    mutating func reserve(_ room: Int) {
        if position - base < room { grow(room) }
    }

    @usableFromInline @inline(never)
    mutating func grow(_ room: Int) {
        let written = count
        let capacity = max(2 * (end - base), written + room)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        let start = larger + (capacity - written)
        start.copyMemory(from: position, byteCount: written)
        base.deallocate()
        base = larger
        end = larger + capacity
        position = start
    }

    /// A number of up to ten bytes; there is room for it.
    @inlinable @inline(__always)
    mutating func put(_ value: UInt64) { Self.put(value, before: &position) }

    @inlinable @inline(__always)
    static func put(_ value: UInt64, before position: inout UnsafeMutableRawPointer) {
        if value < 0x80 {
            position -= 1
            position.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
        } else if value < 0x4000 {
            position -= 2
            let bytes = UInt16(truncatingIfNeeded: value & 0x7f | 0x80 | (value &>> 7) &<< 8)
            position.storeBytes(of: bytes.littleEndian, as: UInt16.self)
        } else {
            position = putLong(value, before: position)
        }
    }

    @usableFromInline
    static func putLong(_ value: UInt64, before end: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        // Seven bits a byte: from 1 for 7 bits to 10 for 64, without a division.
        var left = ((64 - value.leadingZeroBitCount) &* 9 &+ 64) &>> 6 &- 1
        let start = end - (left + 1)
        var rest = value
        var next = start
        while left > 0 {
            next.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            rest &>>= 7
            next += 1
            left -= 1
        }
        next.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        return start
    }

    /// A field's value that is a number, and its tag.
    @inlinable @inline(__always)
    mutating func number(_ field: Int, _ value: UInt64) {
        reserve(16)
        put(value)
        put(UInt64(truncatingIfNeeded: field &<< 3))
    }

    @inlinable @inline(__always)
    mutating func fixed<Value: BitwiseCopyable>(_ field: Int, _ value: Value, wireType: Int) {
        reserve(16)
        position -= MemoryLayout<Value>.size
        position.storeBytes(of: value, as: Value.self)
        put(UInt64(truncatingIfNeeded: field &<< 3 | wireType))
    }

    /// The length of what was written since `mark`, and the tag of the field that it is.
    @inlinable @inline(__always)
    mutating func close(_ field: Int, since mark: Int) {
        let length = count &- mark
        reserve(16)
        put(UInt64(truncatingIfNeeded: length))
        put(UInt64(truncatingIfNeeded: field &<< 3 | 2))
    }

    @inlinable @inline(__always)
    mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        position -= bytes.count
        if let source = bytes.baseAddress { position.copyMemory(from: source, byteCount: bytes.count) }
    }
}

/// Lists of numbers in one field. A list may come in several pieces, which add up.
extension ProtobufReader {
    public mutating func packedInt32(into list: inout [Int32]) throws(ProtobufError) {
        try packedNumbers(into: &list) { Int32(truncatingIfNeeded: $0) }
    }

    public mutating func packedInt64(into list: inout [Int64]) throws(ProtobufError) {
        try packedNumbers(into: &list) { Int64(truncatingIfNeeded: $0) }
    }

    public mutating func packedUInt32(into list: inout [UInt32]) throws(ProtobufError) {
        try packedNumbers(into: &list) { UInt32(truncatingIfNeeded: $0) }
    }

    public mutating func packedUInt64(into list: inout [UInt64]) throws(ProtobufError) {
        try packedNumbers(into: &list) { $0 }
    }

    public mutating func packedSInt32(into list: inout [Int32]) throws(ProtobufError) {
        try packedNumbers(into: &list) { ZigZag.decode(UInt32(truncatingIfNeeded: $0)) }
    }

    public mutating func packedSInt64(into list: inout [Int64]) throws(ProtobufError) {
        try packedNumbers(into: &list) { ZigZag.decode($0) }
    }

    public mutating func packedBool(into list: inout [Bool]) throws(ProtobufError) {
        try packedNumbers(into: &list) { $0 != 0 }
    }

    @inlinable
    public mutating func packedEnumeration<Value: ProtobufEnumeration>(
        into list: inout [Value]
    ) throws(ProtobufError) {
        try packedNumbers(into: &list) { Value(rawValue: Int32(truncatingIfNeeded: $0)) }
    }

    public mutating func packedFixed32(into list: inout [UInt32]) throws(ProtobufError) {
        try packedFixed(into: &list)
    }

    public mutating func packedFixed64(into list: inout [UInt64]) throws(ProtobufError) {
        try packedFixed(into: &list)
    }

    public mutating func packedSFixed32(into list: inout [Int32]) throws(ProtobufError) {
        try packedFixed(into: &list)
    }

    public mutating func packedSFixed64(into list: inout [Int64]) throws(ProtobufError) {
        try packedFixed(into: &list)
    }

    public mutating func packedFloat(into list: inout [Float]) throws(ProtobufError) {
        try packedFixed(into: &list)
    }

    public mutating func packedDouble(into list: inout [Double]) throws(ProtobufError) {
        try packedFixed(into: &list)
    }

    /// Every number ends with a byte below 128: counted first, so that the list is made once, in its size.
    @inlinable @inline(__always)
    mutating func packedNumbers<Value>(
        into list: inout [Value], _ convert: (UInt64) -> Value
    ) throws(ProtobufError) {
        let length = try length()
        var count = 0
        for offset in 0..<length {
            count &+= Int(~position.load(fromByteOffset: offset, as: UInt8.self) >> 7)
        }
        let outer = end
        end = position + length
        var failure: ProtobufError?
        let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(ProtobufError) {
                while position < end {
                    // A number that does not end throws; so there are never more than were counted.
                    let value = convert(try varint())
                    buffer.initializeElement(at: initialized, to: value)
                    initialized += 1
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        end = outer
        if list.isEmpty { list = values } else { list.append(contentsOf: values) }
    }

    private mutating func packedFixed<Value: BitwiseCopyable>(
        into list: inout [Value]
    ) throws(ProtobufError) {
        let length = try length()
        let width = MemoryLayout<Value>.stride
        guard length % width == 0 else { throw failure(.truncated) }
        let count = length / width
        let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(start: position, count: length))
            initialized = count
        }
        position += length
        if list.isEmpty { list = values } else { list.append(contentsOf: values) }
    }
}

/// Lists of numbers in one field; an empty list writes nothing.
extension ProtobufWriter {
    public mutating func packedInt32(_ field: Int, _ list: [Int32]) {
        packedNumbers(field, list) { UInt64(bitPattern: Int64($0)) }
    }

    public mutating func packedInt64(_ field: Int, _ list: [Int64]) {
        packedNumbers(field, list) { UInt64(bitPattern: $0) }
    }

    public mutating func packedUInt32(_ field: Int, _ list: [UInt32]) {
        packedNumbers(field, list) { UInt64($0) }
    }

    public mutating func packedUInt64(_ field: Int, _ list: [UInt64]) { packedNumbers(field, list) { $0 } }

    public mutating func packedSInt32(_ field: Int, _ list: [Int32]) {
        packedNumbers(field, list) { UInt64(ZigZag.encode($0)) }
    }

    public mutating func packedSInt64(_ field: Int, _ list: [Int64]) {
        packedNumbers(field, list) { ZigZag.encode($0) }
    }

    public mutating func packedBool(_ field: Int, _ list: [Bool]) {
        packedNumbers(field, list) { $0 ? 1 : 0 }
    }

    @inlinable
    public mutating func packedEnumeration(_ field: Int, _ list: [some ProtobufEnumeration]) {
        packedNumbers(field, list) { UInt64(bitPattern: Int64($0.rawValue)) }
    }

    public mutating func packedFixed32(_ field: Int, _ list: [UInt32]) { packedFixed(field, list) }

    public mutating func packedFixed64(_ field: Int, _ list: [UInt64]) { packedFixed(field, list) }

    public mutating func packedSFixed32(_ field: Int, _ list: [Int32]) { packedFixed(field, list) }

    public mutating func packedSFixed64(_ field: Int, _ list: [Int64]) { packedFixed(field, list) }

    public mutating func packedFloat(_ field: Int, _ list: [Float]) { packedFixed(field, list) }

    public mutating func packedDouble(_ field: Int, _ list: [Double]) { packedFixed(field, list) }

    @inlinable @inline(__always)
    mutating func packedNumbers<Value>(_ field: Int, _ list: [Value], _ convert: (Value) -> UInt64) {
        guard !list.isEmpty else { return }
        let mark = count
        list.withUnsafeBufferPointer { values in
            var left = values.count
            while left > 0 {
                // Room for the longest, for some at a time.
                let next = max(0, left - 64)
                reserve(640)
                var start = position
                while left > next {
                    left -= 1
                    Self.put(convert(values[left]), before: &start)
                }
                position = start
            }
        }
        close(field, since: mark)
    }

    private mutating func packedFixed<Value: BitwiseCopyable>(_ field: Int, _ list: [Value]) {
        guard !list.isEmpty else { return }
        let mark = count
        list.withUnsafeBytes { copy($0) }
        close(field, since: mark)
    }
}

#if !_endian(little)
    #error(
        "lists of fixed-width numbers are copied as they lie in memory, which is how the format has them on little-endian machines"
    )
#endif

/// Values of every kind, each with the number of its field.
extension ProtobufWriter {
    /// Negative ones take ten bytes, so that a reader that takes them for 64 bits reads the same.
    @inlinable @inline(__always)
    public mutating func int32(_ field: Int, _ value: Int32) {
        number(field, UInt64(bitPattern: Int64(value)))
    }

    @inlinable @inline(__always)
    public mutating func int64(_ field: Int, _ value: Int64) { number(field, UInt64(bitPattern: value)) }

    @inlinable @inline(__always)
    public mutating func uint32(_ field: Int, _ value: UInt32) { number(field, UInt64(value)) }

    @inlinable @inline(__always)
    public mutating func uint64(_ field: Int, _ value: UInt64) { number(field, value) }

    @inlinable @inline(__always)
    public mutating func sint32(_ field: Int, _ value: Int32) { number(field, UInt64(ZigZag.encode(value))) }

    @inlinable @inline(__always)
    public mutating func sint64(_ field: Int, _ value: Int64) { number(field, ZigZag.encode(value)) }

    @inlinable @inline(__always)
    public mutating func fixed32(_ field: Int, _ value: UInt32) {
        fixed(field, value.littleEndian, wireType: 5)
    }

    @inlinable @inline(__always)
    public mutating func fixed64(_ field: Int, _ value: UInt64) {
        fixed(field, value.littleEndian, wireType: 1)
    }

    @inlinable @inline(__always)
    public mutating func sfixed32(_ field: Int, _ value: Int32) { fixed32(field, UInt32(bitPattern: value)) }

    @inlinable @inline(__always)
    public mutating func sfixed64(_ field: Int, _ value: Int64) { fixed64(field, UInt64(bitPattern: value)) }

    @inlinable @inline(__always)
    public mutating func float(_ field: Int, _ value: Float) { fixed32(field, value.bitPattern) }

    @inlinable @inline(__always)
    public mutating func double(_ field: Int, _ value: Double) { fixed64(field, value.bitPattern) }

    @inlinable @inline(__always)
    public mutating func bool(_ field: Int, _ value: Bool) { number(field, value ? 1 : 0) }

    @inlinable @inline(__always)
    public mutating func enumeration(_ field: Int, _ value: some ProtobufEnumeration) {
        int32(field, value.rawValue)
    }

    public mutating func string(_ field: Int, _ value: String) {
        let mark = count
        value.utf8.span.withUnsafeBytes { copy($0) }
        close(field, since: mark)
    }

    public mutating func bytes(_ field: Int, _ value: [UInt8]) {
        let mark = count
        value.withUnsafeBytes { copy($0) }
        close(field, since: mark)
    }

    @inlinable
    public mutating func message(_ field: Int, _ value: some ProtobufMessage) {
        let mark = count
        value.write(to: &self)
        close(field, since: mark)
    }

    /// The messages of a list, none of which is copied for it.
    @inlinable
    public mutating func messages<Message: ProtobufMessage>(_ field: Int, _ list: [Message]) {
        list.withUnsafeBufferPointer { messages in
            guard let first = messages.baseAddress else { return }
            var next = first + messages.count
            while next > first {
                next -= 1
                let mark = count
                Self.write(&UnsafeMutablePointer(mutating: next).pointee, to: &self)
                close(field, since: mark)
            }
        }
    }

    /// Mutable in name only: read through a plain pointer every message would be copied, and references to all that is in it
    /// counted, before it is written. That was 4 parts of 10 of the time.
    @usableFromInline @_semantics("optimize.sil.specialize.generic.never") @inline(never)
    static func write<Message: ProtobufMessage>(
        _ message: inout Message, to writer: inout ProtobufWriter
    ) { message.write(to: &writer) }

    /// The entries of a map, the greatest key first; `write` writes the value as field 2, then the key as field 1.
    @inlinable
    public mutating func map<Key: Comparable, Value>(
        _ field: Int, _ map: [Key: Value], write: (inout ProtobufWriter, Key, Value) -> Void
    ) {
        for (key, value) in map.sorted(by: { $0.key > $1.key }) { entry(field, key, value, write) }
    }

    @inlinable
    public mutating func map<Value>(
        _ field: Int, _ map: [Bool: Value], write: (inout ProtobufWriter, Bool, Value) -> Void
    ) {
        for key in [true, false] {
            if let value = map[key] { entry(field, key, value, write) }
        }
    }

    @inlinable
    mutating func entry<Key, Value>(
        _ field: Int, _ key: Key, _ value: Value, _ write: (inout ProtobufWriter, Key, Value) -> Void
    ) {
        let mark = count
        write(&self, key, value)
        close(field, since: mark)
    }

    /// Before any field: what is unknown comes last.
    @inlinable
    public mutating func unknown(_ fields: ProtobufUnknownFields) {
        if !fields.isEmpty { copy(fields) }
    }

    @usableFromInline
    mutating func copy(_ fields: ProtobufUnknownFields) { fields.bytes.withUnsafeBytes { copy($0) } }
}

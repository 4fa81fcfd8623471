// What types write their parts into; see JSONStreamEncoder.

struct JSONObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: JSONStreamEncoder.Sink
    let depth: Int
    let serial: Int

    var codingPath: [any CodingKey] { [] }

    private func begin(_ key: Key) throws {
        try sink.enter(depth, serial)
        sink.key(key.stringValue, in: depth)
    }

    mutating func encodeNil(forKey key: Key) throws {
        try begin(key)
        sink.writer.null()
    }

    mutating func encode(_ value: Bool, forKey key: Key) throws {
        try begin(key)
        sink.writer.bool(value)
    }

    mutating func encode(_ value: String, forKey key: Key) throws {
        try begin(key)
        sink.writer.string(value)
    }

    mutating func encode(_ value: Double, forKey key: Key) throws {
        try begin(key)
        try sink.number(value)
    }

    mutating func encode(_ value: Float, forKey key: Key) throws {
        try begin(key)
        try sink.number(Double(value))
    }

    mutating func encode(_ value: Int, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int8, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int16, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int32, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int64, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt8, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt16, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt32, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt64, forKey key: Key) throws { try integer(value, key) }

    private func integer(_ value: some BinaryInteger, _ key: Key) throws {
        try begin(key)
        sink.writer.integer(value)
    }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        try begin(key)
        try sink.encode(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        superEncoder(forKey: key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        superEncoder(forKey: key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { member("super") }
    mutating func superEncoder(forKey key: Key) -> any Encoder { member(key.stringValue) }

    private func member(_ key: String) -> any Encoder {
        sink.close(to: depth)
        sink.writer.completeMember()
        sink.key(key, in: depth)
        return JSONStreamEncoder(sink: sink, depth: depth)
    }
}

struct JSONArrayContainer: UnkeyedEncodingContainer {
    let sink: JSONStreamEncoder.Sink
    let depth: Int
    let serial: Int

    var codingPath: [any CodingKey] { [] }
    var count: Int { sink.frames.count >= depth ? sink.frames[depth - 1].count : 0 }

    mutating func encodeNil() throws {
        try sink.enter(depth, serial)
        sink.writer.null()
    }

    mutating func encode(_ value: some Encodable) throws {
        try sink.enter(depth, serial)
        try sink.encode(value)
    }

    mutating func encode(_ value: String) throws {
        try sink.enter(depth, serial)
        sink.writer.string(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        superEncoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        superEncoder().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        sink.close(to: depth)
        return JSONStreamEncoder(sink: sink, depth: depth)
    }
}

struct JSONValueContainer: SingleValueEncodingContainer {
    let sink: JSONStreamEncoder.Sink

    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() throws { sink.writer.null() }
    mutating func encode(_ value: Bool) throws { sink.writer.bool(value) }
    mutating func encode(_ value: String) throws { sink.writer.string(value) }
    mutating func encode(_ value: Double) throws { try sink.number(value) }
    mutating func encode(_ value: Float) throws { try sink.number(Double(value)) }
    mutating func encode(_ value: Int) throws { sink.writer.integer(value) }
    mutating func encode(_ value: Int8) throws { sink.writer.integer(value) }
    mutating func encode(_ value: Int16) throws { sink.writer.integer(value) }
    mutating func encode(_ value: Int32) throws { sink.writer.integer(value) }
    mutating func encode(_ value: Int64) throws { sink.writer.integer(value) }
    mutating func encode(_ value: UInt) throws { sink.writer.integer(value) }
    mutating func encode(_ value: UInt8) throws { sink.writer.integer(value) }
    mutating func encode(_ value: UInt16) throws { sink.writer.integer(value) }
    mutating func encode(_ value: UInt32) throws { sink.writer.integer(value) }
    mutating func encode(_ value: UInt64) throws { sink.writer.integer(value) }
    mutating func encode(_ value: some Encodable) throws { try sink.encode(value) }
}

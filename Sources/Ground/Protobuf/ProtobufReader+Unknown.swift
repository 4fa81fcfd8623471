extension ProtobufReader {
    /// Keeps a field that the message's type does not have, or has with another wire type.
    public mutating func keep(
        _ tag: UInt32, in fields: inout ProtobufUnknownFields
    ) throws(ProtobufError) {
        let start = fieldStart
        try skip(tag)
        fields.bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: position - start))
    }

    /// Goes past a field's value.
    public mutating func skip(_ tag: UInt32) throws(ProtobufError) {
        switch tag & 7 {
        case 0: _ = try varint()
        case 1: _ = try fixed(UInt64.self)
        case 2:
            let length = try length()
            position += length
        case 3: try skipGroup(tag >> 3)
        case 5: _ = try fixed(UInt32.self)
        default: throw failure(.unmatchedGroup)
        }
    }

    /// A group is a message between two tags, from before messages had lengths.
    private mutating func skipGroup(_ number: UInt32) throws(ProtobufError) {
        guard depth > 0 else { throw failure(.tooDeep) }
        depth -= 1
        while let tag = try nextTag() {
            if tag & 7 == 4 {
                guard tag >> 3 == number else { throw failure(.unmatchedGroup) }
                depth += 1
                return
            }
            try skip(tag)
        }
        throw failure(.truncated)
    }
}

extension JSONValue: Codable {
    /// Reads from any decoder. Order of keys is lost where the decoder has none: ``JSONReader`` keeps it.
    public init(from decoder: any Decoder) throws {
        // A decoder says what a value is only by failing on what it is not: the errors dropped here say no more.
        if let members = try? decoder.container(keyedBy: AnyKey.self) {
            let keys = members.allKeys.sorted { $0.stringValue < $1.stringValue }
            self = .object(
                JSONObject(
                    try keys.map {
                        JSONObject.Member(
                            key: $0.stringValue, value: try members.decode(JSONValue.self, forKey: $0))
                    }))
            return
        }
        // Not an object; a list?
        if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(JSONValue.self)) }
            self = .array(values)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {  // else no boolean
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {  // else no whole number of 64 bits
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {  // else no number
            self = .number(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let object):
            var container = encoder.container(keyedBy: AnyKey.self)
            for member in object.members {
                try container.encode(member.value, forKey: AnyKey(stringValue: member.key))
            }
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        default:
            var container = encoder.singleValueContainer()
            switch self {
            case .bool(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            case .null, .array, .object: try container.encodeNil()
            }
        }
    }
}

/// Whatever key stands there.
struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// The words schemas are written with.
extension Schema {
    public static let any = Schema(.any)
    public static let null = Schema(.null)
    public static let boolean = Schema(.boolean)
    public static let integer = Schema(.integer(nil))
    public static let number = Schema(.number(minimum: nil, maximum: nil))
    public static let string = Schema(.string(StringRules()))

    public static func integer(_ range: ClosedRange<Int64>) -> Schema { Schema(.integer(range)) }

    /// At least so much.
    public static func integer(_ range: PartialRangeFrom<Int64>) -> Schema {
        Schema(.integer(range.lowerBound...Int64.max))
    }

    public static func number(_ range: ClosedRange<Double>) -> Schema {
        Schema(.number(minimum: range.lowerBound, maximum: range.upperBound))
    }

    public static func number(_ range: PartialRangeFrom<Double>) -> Schema {
        Schema(.number(minimum: range.lowerBound, maximum: nil))
    }

    public static func string(_ length: ClosedRange<Int>) -> Schema {
        Schema(.string(StringRules(length: length)))
    }

    public static func string(_ format: StringFormat, length: ClosedRange<Int> = 0...Int.max) -> Schema {
        Schema(.string(StringRules(length: length, format: format)))
    }

    /// One of these texts.
    public static func values(_ allowed: [String]) -> Schema {
        Schema(.string(StringRules(allowed: allowed)))
    }

    /// One of the raw values of an enumeration.
    public static func values<Value: CaseIterable & RawRepresentable<String>>(_: Value.Type) -> Schema {
        values(Value.allCases.map(\.rawValue))
    }

    /// A list of `items`.
    public static func array(_ items: Schema, count: ClosedRange<Int> = 0...1024) -> Schema {
        Schema(.array(items: items, count: count))
    }

    /// An object of these members and no other.
    public static func object(_ properties: [Property]) -> Schema { Schema(.object(ObjectRules(properties))) }

    /// An object of these members and no other.
    public static func object(_ description: String, _ properties: [Property]) -> Schema {
        object(properties).described(description)
    }

    /// An object of members of any name, each of which is `values`.
    public static func map(
        of values: Schema, keys: StringFormat? = nil, maximumCount: Int = 1024
    ) -> Schema {
        Schema(
            .object(ObjectRules([], additional: values, additionalKeys: keys, maximumCount: maximumCount)))
    }

    /// The schema of a type, published under its name.
    public static func of<Value: SchemaProviding>(_: Value.Type) -> Schema {
        Schema(.reference(name: Value.schemaName, { Value.schema }))
    }

    /// A schema published under `name`.
    public static func reference(
        _ name: String, _ schema: @escaping @Sendable @autoclosure () -> Schema
    ) -> Schema {
        Schema(.reference(name: name, schema))
    }

    /// The first of the alternatives that fits.
    public static func oneOf(_ alternatives: [Schema]) -> Schema { Schema(.oneOf(alternatives)) }

    /// A number of bytes: `67108864` or `64Mi`. Decodes as a number.
    public static func byteCount(_ range: ClosedRange<Int64> = 0...Int64.max) -> Schema {
        Schema(.byteCount(range))
    }

    /// A number of seconds: `90`, `0.5` or `1m30s`. Decodes as a number.
    public static func seconds(_ range: ClosedRange<Double> = 0...3_153_600_000) -> Schema {
        Schema(.seconds(range))
    }

    /// The same, or null.
    public var orNull: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    /// The same with `description`, or as it was with nil.
    public func described(_ description: String?) -> Schema {
        var schema = self
        if let description { schema.description = description }
        return schema
    }

    /// The same with examples, which are published.
    public func examples(_ examples: JSONValue...) -> Schema {
        var schema = self
        schema.examples = examples
        return schema
    }

    /// The same with a default.
    public func defaulting(to value: JSONValue) -> Schema {
        var schema = self
        schema.defaultValue = value
        return schema
    }
}

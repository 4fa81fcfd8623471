/// What a document may hold: the part of JSON Schema 2020-12 that OpenAPI 3.1 describes interfaces with, as a value.
///
/// One schema serves three ends: it checks what comes in (``check(_:limit:)``), it fills in what was left out, and it
/// is published (``json``).
public struct Schema: Sendable {
    public indirect enum Kind: Sendable {
        /// Any value at all.
        case any
        case null
        case boolean
        case integer(ClosedRange<Int64>?)
        case number(minimum: Double?, maximum: Double?)
        case string(StringRules)
        case array(items: Schema, count: ClosedRange<Int>)
        case object(ObjectRules)
        /// A schema that is published under a name of its own. The closure lets schemas be recursive.
        case reference(name: String, @Sendable () -> Schema)
        /// The first alternative that fits is taken: they must exclude each other, by their kinds or by a required
        /// property, and must not be recursive through more than one of them.
        case oneOf([Schema])
        /// A number of bytes, or a text such as `64Mi`, which becomes one.
        case byteCount(ClosedRange<Int64>)
        /// A number of seconds, or a text such as `1m30s`, which becomes one.
        case seconds(ClosedRange<Double>)
    }

    public var kind: Kind
    public var description: String?
    public var examples: [JSONValue]
    /// Taken where an optional property is left out.
    public var defaultValue: JSONValue?
    public var isNullable: Bool

    public init(_ kind: Kind, _ description: String? = nil) {
        self.kind = kind
        self.description = description
        examples = []
        isNullable = false
    }
}

/// What a string may be. Lengths count Unicode scalars, as JSON Schema does.
public struct StringRules: Sendable {
    public var length: ClosedRange<Int>
    public var format: StringFormat?
    /// The only values allowed; nil for any.
    public var allowed: [String]?

    public init(length: ClosedRange<Int> = 0...Int.max, format: StringFormat? = nil, allowed: [String]? = nil)
    {
        self.length = length
        self.format = format
        self.allowed = allowed
    }
}

/// What an object may hold.
public struct ObjectRules: Sendable {
    public var properties: [Schema.Property]
    /// What members of any other name must be; nil refuses them.
    public var additional: Schema?
    /// What the names of those other members must be.
    public var additionalKeys: StringFormat?
    /// The most members of an object that takes any name.
    public var maximumCount: Int

    public init(
        _ properties: [Schema.Property], additional: Schema? = nil, additionalKeys: StringFormat? = nil,
        maximumCount: Int = 1024
    ) {
        self.properties = properties
        self.additional = additional
        self.additionalKeys = additionalKeys
        self.maximumCount = maximumCount
    }
}

extension Schema {
    /// One member of an object.
    public struct Property: Sendable {
        public var name: String
        public var schema: Schema
        public var isRequired: Bool

        public init(_ name: String, _ schema: Schema, isRequired: Bool) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }

        /// A member that must be there.
        public static func required(
            _ name: String, _ schema: Schema, _ description: String? = nil
        ) -> Property {
            Property(name, schema.described(description), isRequired: true)
        }

        /// A member that may be left out, or null, which means the same; `default` is then put in its place. A default
        /// is filled in like any other value, so that `[:]` gives an object of defaults.
        public static func optional(
            _ name: String, _ schema: Schema, default: JSONValue? = nil, _ description: String? = nil
        ) -> Property {
            var schema = schema.described(description)
            if let `default` { schema.defaultValue = `default` }
            return Property(name, schema, isRequired: false)
        }
    }
}

/// A type that documents are decoded into.
public protocol SchemaProviding: SendableMetatype {
    /// The name it is published under; the type's own unless given.
    static var schemaName: String { get }
    static var schema: Schema { get }
}

extension SchemaProviding {
    public static var schemaName: String { String(describing: Self.self) }
}

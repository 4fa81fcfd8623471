public import Core
public import Documents

/// A type that parameters of requests can have.
public protocol ParameterValue: Sendable, SendableMetatype {
    /// What such a parameter may be, unless it says so itself.
    static var parameterSchema: Schema { get }
    /// Reads what the schema allowed.
    init?(parameter: JSONValue)
}

extension String: ParameterValue {
    public static var parameterSchema: Schema { .string(0...4096) }

    public init?(parameter: JSONValue) {
        guard case .string(let text) = parameter else { return nil }
        self = text
    }
}

extension Bool: ParameterValue {
    public static var parameterSchema: Schema { .boolean }

    public init?(parameter: JSONValue) {
        guard case .bool(let value) = parameter else { return nil }
        self = value
    }
}

extension Int: ParameterValue {
    public static var parameterSchema: Schema { .integer }

    public init?(parameter: JSONValue) {
        guard let value = parameter.integer else { return nil }
        self.init(exactly: value)
    }
}

extension Int64: ParameterValue {
    public static var parameterSchema: Schema { .integer }

    public init?(parameter: JSONValue) {
        guard let value = parameter.integer else { return nil }
        self = value
    }
}

extension Double: ParameterValue {
    public static var parameterSchema: Schema { .number }

    public init?(parameter: JSONValue) {
        guard let value = parameter.double else { return nil }
        self = value
    }
}

extension Identifier: ParameterValue {
    public static var parameterSchema: Schema { .string(.identifier) }

    public init?(parameter: JSONValue) {
        guard case .string(let text) = parameter else { return nil }
        self.init(parsing: text)
    }
}

extension Timestamp: ParameterValue {
    public static var parameterSchema: Schema { .string(.timestamp) }

    public init?(parameter: JSONValue) {
        guard case .string(let text) = parameter else { return nil }
        self.init(parsing: text)
    }
}

/// Enumerations of texts need say no more than that they conform.
extension ParameterValue where Self: CaseIterable & RawRepresentable<String> {
    public static var parameterSchema: Schema { .values(Self.self) }

    public init?(parameter: JSONValue) {
        guard case .string(let text) = parameter else { return nil }
        self.init(rawValue: text)
    }
}

/// A query parameter that may be given more than once.
extension Array: ParameterValue where Element: ParameterValue {
    public static var parameterSchema: Schema { .array(Element.parameterSchema, count: 0...64) }

    public init?(parameter: JSONValue) {
        guard case .array(let elements) = parameter else { return nil }
        self = []
        for element in elements {
            guard let value = Element(parameter: element) else { return nil }
            append(value)
        }
    }
}

/// A query parameter that may be left out.
extension Optional: ParameterValue where Wrapped: ParameterValue {
    public static var parameterSchema: Schema { Wrapped.parameterSchema }

    public init?(parameter: JSONValue) {
        guard !parameter.isNull else {
            self = .none
            return
        }
        guard let value = Wrapped(parameter: parameter) else { return nil }
        self = .some(value)
    }
}

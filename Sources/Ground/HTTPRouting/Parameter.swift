public import Documents

/// A parameter of a route, in its path or query. Handlers read it with the same value: `call[Parameters.id]`.
public struct Parameter<Value: ParameterValue>: Sendable {
    public let declaration: ParameterDeclaration

    /// The segment `{name}` of the path.
    public static func path(
        _ name: String, _ description: String, schema: Schema = Value.parameterSchema
    ) -> Parameter {
        Parameter(
            declaration: ParameterDeclaration(
                name: name, place: .path, schema: schema, isRequired: true, description: description))
    }

    /// A query parameter that must be given, unless it is optional or a list.
    public static func query(
        _ name: String, _ description: String, schema: Schema = Value.parameterSchema
    ) -> Parameter {
        let isOptional = Value(parameter: .null) != nil || Value(parameter: []) != nil
        return Parameter(
            declaration: ParameterDeclaration(
                name: name, place: .query, schema: schema, isRequired: !isOptional, description: description))
    }

    /// A query parameter that is `default` where it is left out.
    public static func query(
        _ name: String, _ description: String, schema: Schema = Value.parameterSchema, default: JSONValue
    ) -> Parameter {
        Parameter(
            declaration: ParameterDeclaration(
                name: name, place: .query, schema: schema.defaulting(to: `default`), isRequired: false,
                description: description))
    }
}

/// What is known of a parameter without its type. A reference, since every request passes it around.
public final class ParameterDeclaration: Sendable, RouteParameter {
    public enum Place: String, Hashable, Sendable { case path, query }

    public let name: String
    public let place: Place
    public let schema: Schema
    public let isRequired: Bool
    public let description: String

    init(name: String, place: Place, schema: Schema, isRequired: Bool, description: String) {
        self.name = name
        self.place = place
        self.schema = schema
        self.isRequired = isRequired
        self.description = description
    }

    public var declaration: ParameterDeclaration { self }

    /// What it is where it is left out.
    var absentValue: JSONValue {
        if let value = schema.defaultValue { return schema.check(Document(value)).value }
        if case .array = schema.kind { return [] }
        return .null
    }
}

/// A parameter of any type, for the lists of routes.
public protocol RouteParameter: Sendable {
    var declaration: ParameterDeclaration { get }
}

extension Parameter: RouteParameter {}

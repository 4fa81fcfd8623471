public import Documents
public import HTTPModel

/// One operation: what it takes, what it answers, who may use it, and what it does.
public struct Route<Context: RequestContext>: Sendable {
    public typealias Handler = @Sendable (Call<Context>) async throws -> HTTPResponse

    public let method: HTTPMethod
    public let pattern: PathPattern
    /// The operation's id, such as `createTask`: unique in a router.
    public let operation: String
    /// A few words, and more where they do not say it all.
    public let summary: String
    public let description: String?
    /// The heading it stands under in the documentation.
    public let tag: String
    public let access: Access<Context>
    /// Those of the path first, in its order; then those of the query.
    public let parameters: [ParameterDeclaration]
    public let body: RouteBody?
    public let responses: [RouteResponse]
    /// Whether the OpenAPI document leaves it out.
    public let isHidden: Bool
    let handler: Handler

    /// A parameter of the path that is not among `parameters` is a text of up to 255 characters.
    public init(
        _ method: HTTPMethod, _ path: String, operation: String, summary: String, description: String? = nil,
        tag: String, access: Access<Context>, parameters: [any RouteParameter] = [], body: RouteBody? = nil,
        responses: [RouteResponse], isHidden: Bool = false, handler: @escaping Handler
    ) {
        self.method = method
        pattern = PathPattern(path)
        self.operation = operation
        self.summary = summary
        self.description = description
        self.tag = tag
        self.access = access
        self.body = body
        self.responses = responses
        self.isHidden = isHidden
        self.handler = handler
        self.parameters = Self.ordered(parameters.map(\.declaration), pattern)
    }

    /// `other` under another path with the same parameters.
    init(
        alias other: Route, method: HTTPMethod, pattern: PathPattern, operation: String, summary: String,
        tag: String
    ) {
        self.method = method
        self.pattern = pattern
        self.operation = operation
        self.summary = summary
        description = other.description
        self.tag = tag
        access = other.access
        parameters = other.parameters
        body = other.body
        responses = other.responses
        isHidden = other.isHidden
        handler = other.handler
    }

    private static func ordered(
        _ declared: [ParameterDeclaration], _ pattern: PathPattern
    ) -> [ParameterDeclaration] {
        let path = pattern.names.map { name in
            declared.first { $0.place == .path && $0.name == name }
                ?? ParameterDeclaration(
                    name: name, place: .path, schema: .string(1...255), isRequired: true, description: "")
        }
        let query = declared.filter { $0.place == .query }
        precondition(
            path.count + query.count == declared.count
                || declared.filter { $0.place == .path }.allSatisfy { pattern.names.contains($0.name) },
            "a path parameter is not in '\(pattern)'")
        precondition(Set(query.map(\.name)).count == query.count, "'\(pattern)' has a query parameter twice")
        return path + query
    }
}

/// What a route takes as its body.
public struct RouteBody: Sendable {
    /// The media types taken, the usual one first. A request that names none is believed.
    public var mediaTypes: [String]
    public var schema: Schema
    public var isRequired: Bool
    /// The most bytes.
    public var limit: Int
    public var description: String?

    public init(
        mediaTypes: [String], schema: Schema, isRequired: Bool = true, limit: Int = 1 << 20,
        description: String? = nil
    ) {
        self.mediaTypes = mediaTypes
        self.schema = schema
        self.isRequired = isRequired
        self.limit = limit
        self.description = description
    }

    /// A JSON text of `Value`, which the handler gets from ``Call/body(_:)``.
    public static func json<Value: SchemaProviding>(
        _: Value.Type, limit: Int = 1 << 20, isRequired: Bool = true, _ description: String? = nil
    ) -> RouteBody {
        RouteBody(
            mediaTypes: ["application/json"], schema: .of(Value.self), isRequired: isRequired, limit: limit,
            description: description)
    }

    /// Bytes, which the handler reads from the request as they come.
    public static func bytes(
        _ mediaTypes: [String] = ["application/octet-stream"], limit: Int, _ description: String? = nil
    ) -> RouteBody {
        RouteBody(mediaTypes: mediaTypes, schema: .string, limit: limit, description: description)
    }
}

/// One of the ways a route answers. Problems need not be listed.
public struct RouteResponse: Sendable {
    public var status: HTTPStatus
    public var description: String
    public var mediaType: String?
    public var schema: Schema?

    public init(_ status: HTTPStatus, _ description: String, mediaType: String? = nil, schema: Schema? = nil)
    {
        self.status = status
        self.description = description
        self.mediaType = mediaType
        self.schema = schema
    }

    public static func json(
        _ schema: Schema, _ description: String, status: HTTPStatus = .ok
    ) -> RouteResponse {
        RouteResponse(status, description, mediaType: "application/json", schema: schema)
    }

    public static func noContent(_ description: String) -> RouteResponse {
        RouteResponse(.noContent, description)
    }

    /// Server-sent events.
    public static func events(_ description: String) -> RouteResponse {
        RouteResponse(.ok, description, mediaType: "text/event-stream", schema: .string)
    }

    /// Bytes of some media type.
    public static func bytes(_ mediaType: String, _ description: String) -> RouteResponse {
        RouteResponse(.ok, description, mediaType: mediaType, schema: .string)
    }
}

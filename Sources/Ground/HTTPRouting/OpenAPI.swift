import Core
public import Documents
import HTTPModel

/// Describes routes as an OpenAPI 3.1 document.
public struct OpenAPI: Sendable {
    public var title: String
    /// The version of the interface.
    public var version: String
    public var description: String
    /// Where the document is served.
    public var path: String
    /// The headings, in their order.
    public var tags: [(name: String, description: String)]

    public init(
        title: String, version: String, description: String, path: String = "/api/v1/openapi.json",
        tags: [(name: String, description: String)] = []
    ) {
        self.title = title
        self.version = version
        self.description = description
        self.path = path
        self.tags = tags
    }

    /// The document of these routes.
    public func document<Context>(of routes: [Route<Context>]) -> JSONValue {
        let visible = routes.filter { !$0.isHidden }
        var document = JSONObject()
        document.append("openapi", "3.1.0")
        document.append(
            "info",
            [
                "title": .string(title), "version": .string(version), "description": .string(description),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ])
        document.append("servers", [["url": "/"]])
        document.append("security", [["bearer": []]])
        document.append("tags", .array(describedTags(visible)))
        document.append("paths", paths(visible))
        document.append("components", components(visible))
        return .object(document)
    }

    /// The route that serves the document of `routes` and itself.
    func route<Context>(for routes: [Route<Context>]) -> Route<Context> {
        // Described by a twin first, since the document contains the route that serves it.
        func make(_ handler: @escaping Route<Context>.Handler) -> Route<Context> {
            Route(
                .get, path, operation: "getOpenAPI", summary: "This document", tag: "Interface",
                access: .open,
                responses: [.json(.any, "The interface, as OpenAPI 3.1 has it.")], handler: handler)
        }
        let twin = make { _ in HTTPResponse(.noContent) }
        let bytes = JSONWriter.bytes(of: document(of: routes + [twin]))
        let tag = EntityTag(of: bytes)
        return make { call in try await call.conditional(tag) { .json(bytes: bytes) } }
    }

    private func describedTags<Context>(_ routes: [Route<Context>]) -> [JSONValue] {
        var known = tags
        for route in routes where !known.contains(where: { $0.name == route.tag }) {
            known.append((name: route.tag, description: ""))
        }
        return known.map { tag in
            tag.description.isEmpty
                ? ["name": .string(tag.name)]
                : ["name": .string(tag.name), "description": .string(tag.description)]
        }
    }

    private func paths<Context>(_ routes: [Route<Context>]) -> JSONValue {
        var paths = JSONObject()
        for route in routes {
            let path = route.pattern.openAPI
            var item = paths[path]?.object ?? JSONObject()
            item.append(route.method.rawValue.lowercased(), operation(route))
            paths[path] = .object(item)
        }
        return .object(paths)
    }

    private func operation<Context>(_ route: Route<Context>) -> JSONValue {
        var operation = JSONObject()
        operation.append("operationId", .string(route.operation))
        operation.append("summary", .string(route.summary))
        if let description = route.description { operation.append("description", .string(description)) }
        operation.append("tags", [.string(route.tag)])
        if route.access.isOpen { operation.append("security", []) }
        if !route.parameters.isEmpty {
            operation.append("parameters", .array(route.parameters.map(Self.parameter)))
        }
        if let body = route.body { operation.append("requestBody", Self.requestBody(body)) }
        var responses = JSONObject()
        for response in route.responses {
            responses[String(response.status.rawValue)] = Self.response(response)
        }
        responses.append("default", ["$ref": "#/components/responses/Problem"])
        operation.append("responses", .object(responses))
        return .object(operation)
    }

    private static func parameter(_ parameter: ParameterDeclaration) -> JSONValue {
        var object = JSONObject()
        object.append("name", .string(parameter.name))
        object.append("in", .string(parameter.place.rawValue))
        if !parameter.description.isEmpty { object.append("description", .string(parameter.description)) }
        object.append("required", .bool(parameter.isRequired))
        object.append("schema", parameter.schema.json)
        return .object(object)
    }

    private static func content(_ mediaType: String, _ schema: Schema) -> JSONValue {
        .object(JSONObject([.init(key: mediaType, value: ["schema": schema.json])]))
    }

    private static func requestBody(_ body: RouteBody) -> JSONValue {
        var object = JSONObject()
        object.append("description", .string(body.description ?? "At most \(ByteCount(Int64(body.limit)))."))
        object.append("required", .bool(body.isRequired))
        var contents = JSONObject()
        for mediaType in body.mediaTypes { contents[mediaType] = ["schema": body.schema.json] }
        object.append("content", .object(contents))
        return .object(object)
    }

    private static func response(_ response: RouteResponse) -> JSONValue {
        var object = JSONObject()
        object.append("description", .string(response.description))
        if let mediaType = response.mediaType, let schema = response.schema {
            object.append("content", content(mediaType, schema))
        }
        return .object(object)
    }

    private func components<Context>(_ routes: [Route<Context>]) -> JSONValue {
        var schemas: [String: Schema] = [ProblemDetails.schemaName: ProblemDetails.schema]
        for route in routes {
            let used =
                route.parameters.map(\.schema) + [route.body?.schema].compactMap { $0 }
                + route.responses.compactMap(\.schema)
            for schema in used {
                for named in schema.namedSchemas { schemas[named.name] = named.schema }
            }
        }
        let members = schemas.sorted { $0.key < $1.key }.map {
            JSONObject.Member(key: $0.key, value: $0.value.json)
        }
        return [
            "schemas": .object(JSONObject(members)),
            "responses": [
                "Problem": [
                    "description": "What failed, and what can be tried.",
                    "content": Self.content("application/problem+json", .of(ProblemDetails.self)),
                ]
            ],
            "securitySchemes": ["bearer": ["type": "http", "scheme": "bearer"]],
        ]
    }
}

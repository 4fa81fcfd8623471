public import Core
public import Documents
import HTTPModel

/// The body of every response that reports a failure (RFC 9457), with `hint` and `errors` added.
public struct ProblemDetails: Hashable, Sendable, Codable, SchemaProviding {
    /// `urn:apollo:error:` and the kind of failure, such as `urn:apollo:error:not_found`.
    public var type: String
    /// The kind in words; the same for every problem of the type.
    public var title: String
    public var status: Int
    /// What failed, and on what.
    public var detail: String
    /// The request's id.
    public var instance: String
    /// The trace that the request belongs to, where the service failed and the request is traced.
    public var traceId: String?
    /// What can be tried.
    public var hint: String?
    /// The fields of the input at fault.
    public var errors: [FieldError]?

    private static let prefix = "urn:apollo:error:"

    public init(_ problem: HTTPProblem, requestID: String, traceID: String? = nil) {
        type = Self.prefix + problem.kind.rawValue
        title = problem.kind.title
        status = problem.status.rawValue
        detail = problem.detail
        instance = requestID
        traceId = traceID
        hint = problem.hint
        errors = problem.errors.isEmpty ? nil : problem.errors
    }

    /// The failure as the client reports it.
    public var error: ApolloError {
        let kind =
            type.hasPrefix(Self.prefix) ? ErrorKind(rawValue: String(type.dropFirst(Self.prefix.count))) : nil
        return ApolloError(kind ?? .internal, detail, hint: hint, fields: errors ?? [])
    }

    /// The JSON text.
    public var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", type)
        json.field("title", title)
        json.field("status", status)
        json.field("detail", detail)
        json.field("instance", instance)
        if let traceId { json.field("traceId", traceId) }
        if let hint { json.field("hint", hint) }
        if let errors {
            json.key("errors")
            json.beginArray()
            for error in errors {
                json.beginObject()
                json.field("path", error.path)
                json.field("message", error.message)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
        return json.bytes
    }

    public static let schemaName = "Problem"

    public static let schema = Schema.object(
        "What failed, as RFC 9457 has it.",
        [
            .required(
                "type", Schema.values(ErrorKind.allCases.map { prefix + $0.rawValue }), "The kind of failure."
            ),
            .required("title", .string, "The kind in words."),
            .required("status", .integer(400...599), "The status of the response."),
            .required("detail", .string, "What failed, and on what."),
            .required("instance", .string, "The request's id, as `X-Request-Id` has it."),
            .optional(
                "traceId", .string,
                "The trace that the request belongs to, where the service failed and the request is traced."),
            .optional("hint", .string, "What can be tried."),
            .optional(
                "errors",
                .array(
                    .object([
                        .required(
                            "path", .string, "Where, such as `ports[0].host`; empty for the whole input."),
                        .required("message", .string, "What would be right."),
                    ])), "The fields of the input at fault."),
        ])
}

extension ErrorKind {
    /// The kind in words.
    var title: String {
        switch self {
        case .invalid: "The request is wrong"
        case .notFound: "There is no such thing"
        case .exists: "It exists already"
        case .conflict: "The state does not allow it"
        case .unauthenticated: "Nobody known is asking"
        case .denied: "Not allowed"
        case .exhausted: "A limit is reached"
        case .unavailable: "Not available now"
        case .deadline: "Time ran out"
        case .cancelled: "Given up"
        case .corrupt: "Data is damaged"
        case .internal: "A fault of the service"
        }
    }
}

public import Core
import Documents
public import HTTPModel
import Tracing

/// A failure on its way to the client, as problem details (RFC 9457).
///
/// Handlers throw ``ApolloError`` where its kind says the status, and this where HTTP knows more: 412, 413, 415.
public struct HTTPProblem: Error, Hashable, Sendable {
    public var status: HTTPStatus
    public var kind: ErrorKind
    /// What failed, and on what. One sentence, no trailing period, no secret.
    public var detail: String
    /// What the user can try.
    public var hint: String?
    /// The fields of the input at fault.
    public var errors: [FieldError]
    /// Header fields of the response, such as `Allow`.
    public var fields: HTTPFields

    public init(
        _ status: HTTPStatus, _ kind: ErrorKind, _ detail: String, hint: String? = nil,
        errors: [FieldError] = [],
        fields: HTTPFields = HTTPFields()
    ) {
        self.status = status
        self.kind = kind
        self.detail = detail
        self.hint = hint
        self.errors = errors
        self.fields = fields
    }

    public init(_ error: ApolloError) {
        self.init(
            HTTPStatus(rawValue: error.kind.httpStatus), error.kind, error.message, hint: error.hint,
            errors: error.fields)
    }

    init(invalid detail: String, hint: String? = nil) { self.init(.badRequest, .invalid, detail, hint: hint) }

    /// What a client may know of `error`. An error of no known type is a fault of ours, and says nothing of itself.
    public init(describing error: any Error) {
        switch error {
        case let problem as HTTPProblem: self = problem
        case let error as ApolloError: self.init(error)
        case let error as HTTPBodyError: self.init(error)
        case is CancellationError:
            self.init(ApolloError(.cancelled, "the request was given up before it was done"))
        default:
            self.init(
                .internalServerError, .internal, "something failed that should not have",
                hint: "the service's log has the cause under the request's id")
        }
    }

    private init(_ error: HTTPBodyError) {
        switch error {
        case .tooLarge(let limit):
            self.init(
                .contentTooLarge, .invalid, "the request body is larger than \(ByteCount(Int64(limit)))")
        case .malformed(let reason):
            self.init(invalid: "the request body is malformed: \(reason)")
        case .disconnected:
            self.init(499, .cancelled, "the connection ended before the request body did")
        case .timedOut:
            self.init(.requestTimeout, .deadline, "the request body did not arrive in time")
        }
    }

    /// The response, for the request of that id.
    public func response(requestID: String) -> HTTPResponse {
        var fields = fields
        fields.append(name: "Content-Type", value: "application/problem+json")
        fields.append(name: "Cache-Control", value: "no-store")
        if status == .unauthorized, !fields.contains("WWW-Authenticate") {
            fields.append(name: "WWW-Authenticate", value: "Bearer realm=\"apollo\"")
        }
        // What is away may be back soon; who asks all the time only makes that harder.
        if status == .serviceUnavailable, !fields.contains("Retry-After") {
            fields.append(name: "Retry-After", value: "2")
        }
        // Who reports a fault of ours can say where its spans are; the client knows what was its own.
        let trace = status.rawValue >= 500 ? CurrentTrace.now?.context.traceID.description : nil
        let details = ProblemDetails(self, requestID: requestID, traceID: trace)
        return HTTPResponse(status, fields: fields, body: .bytes(details.json))
    }
}

/// What is known of a request once its route is found, for middleware and logs.
public struct RequestInfo: Sendable {
    /// As the client sent it in `X-Request-Id`, or a new one.
    public let requestID: String
    /// The route's pattern, such as `/api/v1/tasks/{id}`; nil where no route takes the request.
    public let pattern: String?
    /// The route's operation id.
    public let operation: String?
    /// Whether the route needs no credentials.
    public let isOpen: Bool

    /// What the router does with it.
    enum Outcome: Sendable {
        case route(Int, captures: [String], query: [RequestTarget.QueryItem])
        case options(allowed: [String])
        case redirect(to: String)
        case problem(HTTPProblem)
    }

    let outcome: Outcome

    /// The number of the route in the router; nil where none takes the request.
    var routeIndex: Int? { if case .route(let index, _, _) = outcome { index } else { nil } }
}

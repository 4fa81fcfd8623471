public import Core
import Documents
public import HTTPModel

/// Takes requests to their handlers. Knows no network: a server calls ``handle(_:)``, and so do tests.
///
/// In this order a request passes: its path and method are matched (400, 404, 405), the middleware begins, the
/// application authenticates (401), parameters are read (400), the route's permission is required (403), the body's
/// length and type are checked (413, 415), and the handler runs.
public struct Router<Context: RequestContext>: Sendable {
    /// Makes the context of a request; throws ``ApolloError`` of kind `unauthenticated`. For routes that are open it
    /// should return a context of nobody instead.
    public typealias Authenticate = @Sendable (HTTPRequest, RequestInfo) async throws -> Context
    /// Told of every error that is answered with a status from 500 on.
    public typealias Report = @Sendable (any Error, RequestInfo) -> Void
    /// Why the service itself gives up requests that are under way; nil while only their clients do.
    public typealias Ending = @Sendable () -> ApolloError?

    public let routes: [Route<Context>]
    private let trie: RouteTrie
    let ids: RequestIDs
    private let respond: Responder

    /// Two routes of one method and path, or of one operation, are a fault of the program.
    public init(
        routes: [Route<Context>], middleware: [Middleware] = [], random: any RandomSource,
        openAPI: OpenAPI? = nil,
        ending: @escaping Ending = { nil },
        report: @escaping Report, authenticate: @escaping Authenticate
    ) {
        let all = routes + (openAPI.map { [$0.route(for: routes)] } ?? [])
        var trie = RouteTrie()
        for (index, route) in all.enumerated() {
            let isNew = trie.add(route.pattern, route.method, index)
            precondition(isNew, "\(route.method) \(route.pattern) is there twice")
        }
        let operations = Set(all.map(\.operation))
        precondition(operations.count == all.count, "two routes have the same operation")
        self.routes = all
        self.trie = trie
        ids = RequestIDs(random: random)
        let dispatcher = Dispatcher(
            routes: all, ending: ending, report: report, authenticate: authenticate)
        let core: Responder = { request, info in await dispatcher.respond(to: request, info) }
        respond = middleware.reversed().reduce(core) { next, middleware in
            { request, info in await middleware.around(request, info, next) }
        }
    }

    /// Answers a request. To HEAD it answers as to GET, with the body: the server sends none of it.
    public func handle(_ request: HTTPRequest) async -> HTTPResponse {
        let info = find(request)
        var response = await respond(request, info)
        response.fields.append(name: "X-Request-Id", value: info.requestID)
        return response
    }

    private func find(_ request: HTTPRequest) -> RequestInfo {
        let sent = request.fields["X-Request-Id"]
        let id = sent.flatMap { RequestIDs.isAcceptable($0) ? $0 : nil } ?? ids.next()
        let outcome: RequestInfo.Outcome
        do throws(HTTPProblem) {
            outcome = try match(request)
        } catch {
            outcome = .problem(error)
        }
        guard case .route(let index, _, _) = outcome else {
            return RequestInfo(requestID: id, pattern: nil, operation: nil, isOpen: true, outcome: outcome)
        }
        // Field by field: a copy of the whole route would cost a retain for each.
        return RequestInfo(
            requestID: id, pattern: routes[index].pattern.description, operation: routes[index].operation,
            isOpen: routes[index].access.isOpen, outcome: outcome)
    }

    private func match(_ request: HTTPRequest) throws(HTTPProblem) -> RequestInfo.Outcome {
        let target = try RequestTarget(request.target)
        if target.isAsterisk {
            guard request.method == .options else {
                throw HTTPProblem(invalid: "only OPTIONS may ask about '*'")
            }
            return .options(allowed: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
        }
        guard let match = trie.match(target.segments) else {
            throw HTTPProblem(
                .notFound, .notFound, "there is nothing at '\(request.path.prefix(256))'",
                hint: "the routes are described in /api/v1/openapi.json")
        }
        if target.hasTrailingSlash {
            let path = request.path.dropLast()
            return .redirect(to: String(path) + (request.query.map { "?\($0)" } ?? ""))
        }
        if let route = match.route(request.method) {
            return .route(route, captures: match.captures, query: target.query)
        }
        let allowed = match.allowed
        if request.method == .options { return .options(allowed: allowed) }
        let list = allowed.joined(separator: ", ")
        throw HTTPProblem(
            .methodNotAllowed, .invalid, "\(request.method.rawValue.prefix(32)) is not possible here",
            hint: "these are: \(list)", fields: HTTPFields(["Allow": list]))
    }
}

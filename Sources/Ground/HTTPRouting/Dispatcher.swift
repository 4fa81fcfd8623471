import Core
import HTTPModel

/// Runs the handler of a request whose route is found, and turns whatever fails into a problem.
struct Dispatcher<Context: RequestContext>: Sendable {
    /// A route and what is prepared for it; a reference, since a copy would cost a retain for each field.
    private final class Endpoint: Sendable {
        let route: Route<Context>
        let reading: ParameterReading

        init(_ route: Route<Context>) {
            self.route = route
            reading = ParameterReading(route.parameters)
        }
    }

    private let endpoints: [Endpoint]
    private let ending: Router<Context>.Ending
    private let report: Router<Context>.Report
    private let authenticate: Router<Context>.Authenticate

    init(
        routes: [Route<Context>], ending: @escaping Router<Context>.Ending,
        report: @escaping Router<Context>.Report, authenticate: @escaping Router<Context>.Authenticate
    ) {
        self.ending = ending
        endpoints = routes.map { Endpoint($0) }
        self.report = report
        self.authenticate = authenticate
    }

    func respond(to request: HTTPRequest, _ info: RequestInfo) async -> HTTPResponse {
        switch info.outcome {
        case .problem(let problem):
            return problem.response(requestID: info.requestID)
        case .options(let allowed):
            return HTTPResponse(.noContent, fields: HTTPFields(["Allow": allowed.joined(separator: ", ")]))
        case .redirect(let location):
            return HTTPResponse(308, fields: HTTPFields(["Location": location]))
        case .route(let index, let captures, let query):
            do {
                return try await run(index, captures, query, request, info)
            } catch {
                let problem = HTTPProblem(describing: error)
                // A handler cannot know who gave its request up.
                if problem.kind == .cancelled, let reason = ending() {
                    return HTTPProblem(reason).response(requestID: info.requestID)
                }
                if problem.status.rawValue >= 500 { report(error, info) }
                return problem.response(requestID: info.requestID)
            }
        }
    }

    private func run(
        _ index: Int, _ captures: [String], _ query: [RequestTarget.QueryItem], _ request: HTTPRequest,
        _ info: RequestInfo
    ) async throws -> HTTPResponse {
        let endpoint = endpoints[index]
        let context = try await authenticate(request, info)
        let values = try endpoint.reading.read(captures: captures, query: query)
        var request = request
        if let body = endpoint.route.body { request.body = LimitedBody(request.body, limit: body.limit) }
        let call = Call(
            request: request, context: context, info: info, parameters: endpoint.route.parameters,
            values: values,
            bodyLimit: endpoint.route.body?.limit ?? 0,
            isBodyRequired: endpoint.route.body?.isRequired ?? true)
        switch endpoint.route.access {
        case .open, .authenticated: break
        case .permission(let permission): try await context.require(permission)
        case .permissionFor(let permission): try await context.require(permission(call))
        }
        if let body = endpoint.route.body { try check(body, request) }
        return try await endpoint.route.handler(call)
    }

    /// Refuses by its fields alone a body that would be refused anyway, before any of it is read.
    private func check(_ body: RouteBody, _ request: HTTPRequest) throws(HTTPProblem) {
        if let length = request.fields["Content-Length"].flatMap({ Int($0) }), length > body.limit {
            throw HTTPProblem(describing: HTTPBodyError.tooLarge(limit: body.limit))
        }
        guard let contentType = request.fields["Content-Type"] else { return }
        let mediaType = contentType.prefix { $0 != ";" }.trimmingSuffix(while: { $0 == " " || $0 == "\t" })
        guard !body.mediaTypes.contains(where: { HTTPFields.isSame($0, String(mediaType)) }) else { return }
        throw HTTPProblem(
            .unsupportedMediaType, .invalid,
            "the body is '\(mediaType.prefix(128))', which is not taken here",
            hint: "send it as \(body.mediaTypes.joined(separator: " or ")), and say so in Content-Type",
            fields: HTTPFields(["Accept": body.mediaTypes.joined(separator: ", ")]))
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isUnwanted: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, isUnwanted(last) { text.removeLast() }
        return text
    }
}

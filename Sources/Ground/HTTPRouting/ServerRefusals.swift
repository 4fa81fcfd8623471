import Core
public import HTTPModel

extension Router {
    /// What the server is to answer where it answers by itself, in the same form as every other problem: a head that is no HTTP or
    /// too long, a time that ran out, a handler that failed.
    public func refuse(_ status: HTTPStatus, _ detail: String?) -> HTTPResponse {
        let kind: ErrorKind =
            switch status.rawValue {
            case 404: .notFound
            case 408: .deadline
            case 412: .conflict
            case 501, 505, ..<500: .invalid
            default: .internal
            }
        let problem =
            detail.map { HTTPProblem(status, kind, $0) } ?? HTTPProblem(describing: UnnamedFailure())
        let id = ids.next()
        var response = problem.response(requestID: id)
        response.fields.append(name: "X-Request-Id", value: id)
        return response
    }
}

/// What is no business of the client's.
private struct UnnamedFailure: Error {}

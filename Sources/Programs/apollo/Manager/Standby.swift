import APIClients
import Core
import Cryptography
import HTTPModel
import HTTPRouting
import HTTPServers
import Identity
import Leaders
import Telemetry

/// What a manager answers that does not lead: its health, its metrics, and to everything else where the leader is.
struct Standby: Sendable {
    let keeper: LeadershipKeeper
    let metrics: MetricsRegistry
    /// Of the administrator of this machine: no other is known while another manager decides who may what.
    let token: BearerToken
    let environment: Environment

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        switch (request.method, request.path) {
        case (.get, "/healthz"): return health
        case (.get, "/metrics"): return exposition(request)
        default: return forward(request)
        }
    }

    private var health: HTTPResponse {
        keeper.view.problem == nil
            ? .text("ok\n") : .text("the database does not answer\n", status: .serviceUnavailable)
    }

    private func exposition(_ request: HTTPRequest) -> HTTPResponse {
        do {
            _ = try TokenAuthenticator([StoredToken(hash: token.hash, principal: .localAdministrator)])
                .authenticate(
                    authorization: request.fields["Authorization"], at: environment.wallClock.now)
        } catch {
            var problem = HTTPProblem(error)
            problem.hint =
                "while a manager stands by it knows the token in admin.token of its data directory alone"
            return refuse(problem)
        }
        return HTTPResponse(
            .ok, fields: HTTPFields(["Content-Type": Exposition.contentType]),
            body: .bytes(metrics.exposition()))
    }

    /// The caller asks the leader in their own name: what they show is shown to nobody else.
    private func forward(_ request: HTTPRequest) -> HTTPResponse {
        let notice = StandbyNotice(keeper)
        guard let leader = notice.leader else {
            return refuse(
                HTTPProblem(
                    .serviceUnavailable, .unavailable, notice.message, hint: notice.hint,
                    fields: HTTPFields(["Retry-After": "1"])))
        }
        return refuse(
            HTTPProblem(
                HTTPStatus(rawValue: 307), .unavailable, notice.message,
                hint: "follow the Location, with the same method, body and token",
                fields: HTTPFields(["Location": leader.address + request.target])))
    }

    /// What the server answers by itself.
    func refuse(_ status: HTTPStatus, _ reason: String?) -> HTTPResponse {
        refuse(HTTPProblem(status, status.rawValue < 500 ? .invalid : .unavailable, reason ?? "\(status)"))
    }

    private func refuse(_ problem: HTTPProblem) -> HTTPResponse {
        let id = environment.identifier(of: StandbyRequestKind.self).text
        var fields = problem.fields
        fields["Content-Type"] = "application/problem+json"
        fields["X-Request-Id"] = id
        fields["Cache-Control"] = "no-store"
        fields[APIClient.standbyField] = "yes"
        return HTTPResponse(
            problem.status, fields: fields, body: .bytes(ProblemDetails(problem, requestID: id).json))
    }
}

private enum StandbyRequestKind {}

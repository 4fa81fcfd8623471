public import Core
import HTTPModel
public import HTTPRouting
public import Identity
public import Telemetry
public import Tracing

/// Makes one router of the routes of all systems, with authentication, audit, metrics and logs around them.
public struct APIRouter: Sendable {
    public var environment: Environment
    public var access: AccessControl
    public var browsers: BrowserSessions
    public var audit: any AuditSink
    public var metrics: MetricsRegistry
    public var logger: Logger
    public var version: String
    /// Nil where nothing is traced.
    public var tracer: Tracer?
    /// Why the service itself gives up requests that are under way; nil while only their clients do.
    public var ending: @Sendable () -> ApolloError?
    public let refusals: RefusalLimit

    /// - Parameter isSecure: whether clients come by TLS.
    public init(
        environment: Environment, access: AccessControl, audit: any AuditSink, metrics: MetricsRegistry,
        logger: Logger, version: String, isSecure: Bool = false,
        tracer: Tracer? = nil, ending: @escaping @Sendable () -> ApolloError? = { nil }
    ) {
        self.environment = environment
        self.access = access
        browsers = BrowserSessions(access: access, isSecure: isSecure)
        self.audit = audit
        self.metrics = metrics
        self.logger = logger
        self.version = version
        self.tracer = tracer
        self.ending = ending
        refusals = RefusalLimit(clock: environment.clock)
    }

    /// - Parameter tags: how the description groups the routes: a name, and what it is about.
    public func router(
        _ routes: [Route<Caller>], tags: [(name: String, description: String)]
    ) -> Router<Caller> {
        let auditing = Auditing(
            sink: audit, environment: environment, logger: logger, refusals: refusals, credential: credential)
        return Router(
            routes: routes,
            middleware: (tracer.map { [.trace($0)] } ?? []) + [
                HTTPMetrics(registry: metrics, clock: environment.clock).middleware,
                .log(logger, clock: environment.clock), auditing.middleware,
                RevocableStreams(access: access, clock: environment.wallClock, credential: credential)
                    .middleware,
            ], random: environment.random,
            openAPI: OpenAPI(
                title: "Apollo", version: version,
                description: "Tasks, nodes and what else a platform of Apollo offers.",
                path: "/api/v1/openapi.json", tags: tags),
            ending: ending,
            report: { [logger] error, info in
                logger.error(
                    "a request failed", ["error": .text("\(error)"), "request": .text(info.requestID)])
            },
            authenticate: authenticate)
    }

    /// Who sends a request: by its token, else by its browser's cookie, else by its certificate.
    private func authenticate(_ request: HTTPRequest, _ info: RequestInfo) throws -> Caller {
        let now = environment.wallClock.now
        if info.isOpen { return openCaller(request, at: now) }
        // A request with both is a program's: no site can have a browser send an Authorization field.
        if !request.fields.contains("Authorization"), let visit = try browsers.trusted(request, at: now) {
            return Caller(credential: visit.credential, formToken: visit.formToken, access: access)
        }
        do { return Caller(credential: try proved(request, at: now), access: access) } catch {
            // Of a certificate the status tells too little.
            if request.certificate != nil, let error = error as? ApolloError {
                AuditNote.note(failure: error.message)
            }
            throw error
        }
    }

    /// The credential of a program: of its token, where it sends one, else of the certificate that it has shown.
    private func proved(_ request: HTTPRequest, at now: Timestamp) throws -> Credential {
        guard let certificate = request.certificate, !request.fields.contains("Authorization") else {
            return try access.authenticate(authorization: request.fields["Authorization"], at: now)
        }
        // A browser shows certificates like cookies, whichever page has it send the request.
        try BrowserSessions.requireSameSite(request)
        return try access.authenticate(certificate: certificate, at: now)
    }

    /// Open routes serve nobody too; pages among them look different to those who are logged in. Forms come with the token
    /// in their body, which their handlers hold against the caller's.
    private func openCaller(_ request: HTTPRequest, at now: Timestamp) -> Caller {
        let isProgram =
            request.fields.contains("Authorization")
            || (request.certificate != nil && !request.fields.contains("Cookie"))
        guard isProgram || request.fields.contains("Cookie") else {
            return Caller(credential: nil, access: access)
        }
        do {
            if isProgram {
                return Caller(credential: try proved(request, at: now), access: access)
            }
            let visit = try browsers.visit(request, at: now)
            return Caller(credential: visit?.credential, formToken: visit?.formToken, access: access)
        } catch {
            return Caller(credential: nil, access: access)  // A session that is over is as good as none here.
        }
    }

    private func credential(_ request: HTTPRequest, _ now: Timestamp) throws -> Credential? {
        if !request.fields.contains("Authorization"), let visit = try browsers.visit(request, at: now) {
            return visit.credential
        }
        return try proved(request, at: now)
    }
}

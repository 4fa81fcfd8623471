public import Core
import HTTPModel
public import HTTPRouting
public import Identity
public import Telemetry

/// Makes one router of the routes of all systems, with authentication, audit, metrics and logs around them.
public struct APIRouter: Sendable {
    public var environment: Environment
    public var access: AccessControl
    public var audit: any AuditSink
    public var metrics: MetricsRegistry
    public var logger: Logger
    public var version: String

    public init(
        environment: Environment, access: AccessControl, audit: any AuditSink, metrics: MetricsRegistry,
        logger: Logger, version: String
    ) {
        self.environment = environment
        self.access = access
        self.audit = audit
        self.metrics = metrics
        self.logger = logger
        self.version = version
    }

    /// - Parameter tags: how the description groups the routes: a name, and what it is about.
    public func router(
        _ routes: [Route<Caller>], tags: [(name: String, description: String)]
    ) -> Router<Caller> {
        let auditing = Auditing(sink: audit, clock: environment.wallClock, access: access, logger: logger)
        return Router(
            routes: routes,
            middleware: [
                HTTPMetrics(registry: metrics, clock: environment.clock).middleware,
                .log(logger, clock: environment.clock), auditing.middleware,
            ], random: environment.random,
            openAPI: OpenAPI(
                title: "Apollo", version: version,
                description: "Tasks, nodes and what else a platform of Apollo offers.",
                path: "/api/v1/openapi.json", tags: tags),
            report: { [logger] error, info in
                logger.error(
                    "a request failed", ["error": .text("\(error)"), "request": .text(info.requestID)])
            },
            authenticate: { [access, environment] request, info in
                if info.isOpen { return Caller(principal: nil, access: access) }
                let principal = try access.authenticate(
                    authorization: request.fields["Authorization"], at: environment.wallClock.now)
                return Caller(principal: principal, access: access)
            })
    }
}

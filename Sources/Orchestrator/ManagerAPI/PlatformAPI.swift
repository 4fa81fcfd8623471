import ClusterModel
import Concurrency
public import Core
import HTTPModel
public import HTTPRouting
public import Identity
public import Managers
public import Telemetry

/// The whole API of a platform: a router of all its routes, with authentication, audit, metrics and logs around them.
public struct PlatformAPI {
    /// What the API stands on.
    public struct Parts: Sendable {
        public var manager: Manager
        public var environment: Environment
        public var authenticator: TokenAuthenticator
        public var authorizer: Authorizer
        public var audit: any AuditSink
        public var metrics: MetricsRegistry
        public var logger: Logger
        public var version: String
        /// Whether executables of the host may be run at all.
        public var allowsProcesses: Bool

        public init(
            manager: Manager, environment: Environment, authenticator: TokenAuthenticator,
            authorizer: Authorizer,
            audit: any AuditSink, metrics: MetricsRegistry, logger: Logger, version: String,
            allowsProcesses: Bool
        ) {
            self.manager = manager
            self.environment = environment
            self.authenticator = authenticator
            self.authorizer = authorizer
            self.audit = audit
            self.metrics = metrics
            self.logger = logger
            self.version = version
            self.allowsProcesses = allowsProcesses
        }
    }

    public static func router(_ parts: Parts) -> Router<Caller> {
        let routes =
            TaskRoutes(
                manager: parts.manager, environment: parts.environment, allowsProcesses: parts.allowsProcesses
            ).routes + NodeRoutes(manager: parts.manager).routes
            + ServiceRoutes(manager: parts.manager, metrics: parts.metrics, version: parts.version).routes
        let auditing = Auditing(
            sink: parts.audit, clock: parts.environment.wallClock, authenticator: parts.authenticator,
            logger: parts.logger)
        return Router(
            routes: routes,
            middleware: [
                HTTPMetrics(registry: parts.metrics, clock: parts.environment.clock).middleware,
                .log(parts.logger, clock: parts.environment.clock), auditing.middleware,
            ], random: parts.environment.random,
            openAPI: OpenAPI(
                title: "Apollo", version: parts.version,
                description: "Tasks, nodes and what else a platform of Apollo offers.",
                path: "/api/v1/openapi.json",
                tags: [
                    ("tasks", "What runs."), ("nodes", "Where it runs."), ("service", "The platform itself."),
                ]),
            report: { error, info in
                parts.logger.error(
                    "a request failed", ["error": .text("\(error)"), "request": .text(info.requestID)])
            },
            authenticate: { request, info in
                if info.isOpen { return Caller(principal: nil, authorizer: parts.authorizer) }
                let principal = try parts.authenticator.authenticate(
                    authorization: request.fields["Authorization"], at: parts.environment.wallClock.now)
                return Caller(principal: principal, authorizer: parts.authorizer)
            })
    }
}

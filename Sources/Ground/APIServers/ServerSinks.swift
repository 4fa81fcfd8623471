public import Telemetry

/// What a server beside the API tells of what happens at its door.
public struct ServerSinks: Sendable {
    public var audit: any AuditSink
    public var metrics: MetricsRegistry
    public var logger: Logger
    public var refusals: RefusalLimit

    public init(audit: any AuditSink, metrics: MetricsRegistry, logger: Logger, refusals: RefusalLimit) {
        self.audit = audit
        self.metrics = metrics
        self.logger = logger
        self.refusals = refusals
    }
}

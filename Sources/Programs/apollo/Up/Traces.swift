import Configuration
import Core
import Telemetry
import TraceExport
import Tracing

/// What records traces and sends them away.
struct Traces: Sendable {
    let tracer: Tracer
    let exporter: TraceExporter

    /// Nil where the settings name no collector: then nothing is traced.
    init?(_ configuration: ResolvedConfiguration, environment: Environment, _ logger: Logger) {
        guard let endpoint = configuration[PlatformSettings.tracingEndpoint] else { return nil }
        tracer = Tracer(sample: configuration[PlatformSettings.tracingSample], environment: environment)
        exporter = TraceExporter(tracer, endpoint: endpoint, version: VersionCommand.version) {
            logger.warning("\($0)")
        }
    }

    func register(in registry: MetricsRegistry) {
        registry.collect { [tracer, exporter] exposition in
            exposition.single(
                "apollo_trace_spans_sent_total", "Spans that the collector took.", kind: "counter",
                Double(exporter.sent))
            exposition.single(
                "apollo_trace_spans_lost_total",
                "Spans that the collector did not take, or that found no room.",
                kind: "counter", Double(exporter.lost + tracer.dropped))
            exposition.single(
                "apollo_trace_spans_waiting", "Spans that wait to be sent.", Double(tracer.buffered))
        }
    }
}

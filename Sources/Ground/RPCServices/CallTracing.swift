import Core
import RPCModel
import Tracing

/// Records calls as spans, under the trace that the client sent where it did.
enum CallTracing {
    static func trace(
        _ context: RPCContext, by tracer: Tracer?, _ body: () async throws -> Void
    ) async throws {
        let sent = context.metadata[TraceContext.field].flatMap {
            TraceContext(parsing: $0, state: context.metadata[TraceContext.stateField])
        }
        let name = String(context.path.dropFirst())
        guard let tracer, let span = tracer.begin(name, .server, under: sent) else {
            guard let sent else { return try await body() }
            // Not recorded, but handed on: a trace is one decision.
            return try await CurrentTrace.with(sent, nil, body)
        }
        do {
            try await CurrentTrace.with(span.context, tracer, body)
            tracer.end(span, attributes(context, .ok), failure: nil)
        } catch {
            let code = RPCStatus.failure(error).code
            tracer.end(span, attributes(context, code), failure: isFault(code) ? code.name : nil)
            throw error
        }
    }

    /// The names are OpenTelemetry's (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/).
    private static func attributes(_ context: RPCContext, _ code: RPCCode) -> [Span.Attribute] {
        let parts = context.path.split(separator: "/")
        return [
            Span.Attribute("rpc.system", .text("grpc")),
            Span.Attribute("rpc.service", .text(String(parts.first ?? ""))),
            Span.Attribute("rpc.method", .text(String(parts.last ?? ""))),
            Span.Attribute("rpc.grpc.status_code", .integer(Int64(code.rawValue))),
            Span.Attribute("apollo.request.id", .text(context.requestID)),
        ]
    }

    /// Whether it is the server that failed, rather than who asked.
    private static func isFault(_ code: RPCCode) -> Bool {
        switch code {
        case .unknown, .deadlineExceeded, .unimplemented, .internal, .unavailable, .dataLoss: true
        default: false
        }
    }
}

import HTTPModel
public import Tracing

extension Middleware {
    /// Records requests as spans, under the trace that the client sent where it did. To stand first: what comes after it, the
    /// log included, finds the trace in ``CurrentTrace``.
    public static func trace(_ tracer: Tracer) -> Middleware {
        Middleware { request, info, next in
            let sent = request.fields[TraceContext.field].flatMap {
                TraceContext(parsing: $0, state: request.fields[TraceContext.stateField])
            }
            let name = "\(info.pattern.map { _ in request.method.rawValue } ?? "HTTP") \(info.pattern ?? "")"
            guard let span = tracer.begin(name, .server, under: sent) else {
                guard let sent else { return await next(request, info) }
                // Not recorded, but handed on: a trace is one decision.
                return await CurrentTrace.with(sent, nil) { await next(request, info) }
            }
            let response = await CurrentTrace.with(span.context, tracer) { await next(request, info) }
            let status = response.status.rawValue
            var attributes: [Span.Attribute] = [
                Span.Attribute("http.request.method", .text(request.method.rawValue)),
                Span.Attribute("http.response.status_code", .integer(Int64(status))),
                Span.Attribute("apollo.request.id", .text(info.requestID)),
            ]
            if let pattern = info.pattern { attributes.append(Span.Attribute("http.route", .text(pattern))) }
            tracer.end(span, attributes, failure: status >= 500 ? "\(response.status)" : nil)
            return response
        }
    }
}

import Core
import Documents
import Tracing

/// Spans as OTLP has them in JSON (OpenTelemetry Protocol 1.3, "JSON Protobuf Encoding"): identifiers in hexadecimal, 64-bit
/// numbers as texts.
enum SpanEncoding {
    static func json(_ spans: [Span], service: String, version: String) -> [UInt8] {
        let resource: JSONValue = [
            "attributes": .array([
                attribute("service.name", .text(service)), attribute("service.version", .text(version)),
            ])
        ]
        let scope: JSONValue = ["name": "apollo", "version": .string(version)]
        let scoped: JSONValue = ["scope": scope, "spans": .array(spans.map(span))]
        let request: JSONValue = ["resourceSpans": [["resource": resource, "scopeSpans": [scoped]]]]
        return JSONWriter.bytes(of: request)
    }

    private static func span(_ span: Span) -> JSONValue {
        let start = span.start.microseconds * 1000
        var object: [(String, JSONValue)] = [
            ("traceId", .string(span.context.traceID.description)),
            ("spanId", .string(span.context.spanID.description)), ("name", .string(span.name)),
            ("kind", .integer(Int64(span.kind.rawValue))), ("startTimeUnixNano", .string("\(start)")),
            ("endTimeUnixNano", .string("\(start + span.duration.inNanoseconds)")),
            ("attributes", .array(span.attributes.map { attribute($0.name, $0.value) })),
        ]
        if let parent = span.parent { object.append(("parentSpanId", .string(parent.description))) }
        if let state = span.context.state { object.append(("traceState", .string(state))) }
        if let failure = span.failure {
            object.append(("status", ["code": 2, "message": .string(failure)]))
        }
        return .object(JSONObject(object.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    private static func attribute(_ name: String, _ value: Span.Value) -> JSONValue {
        let encoded: JSONValue =
            switch value {
            case .text(let text): ["stringValue": .string(text)]
            case .integer(let number): ["intValue": .string("\(number)")]
            }
        return ["key": .string(name), "value": encoded]
    }
}

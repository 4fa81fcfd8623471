public import Core

/// A piece of work of a trace, once it is done.
public struct Span: Hashable, Sendable {
    /// Its side of a call; the numbers are those of OTLP.
    public enum Kind: Int, Hashable, Sendable { case `internal` = 1, server, client, producer, consumer }

    public enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int64)
    }

    /// An attribute; the names are those of OpenTelemetry's conventions where it has one.
    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var value: Value

        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    public var name: String
    public var kind: Kind
    public var context: TraceContext
    public var parent: SpanID?
    public var start: Timestamp
    public var duration: Duration
    public var attributes: [Attribute]
    /// What failed; nil where nothing did.
    public var failure: String?
}

/// A span under way.
public struct ActiveSpan: Sendable {
    public let context: TraceContext
    let name: String
    let kind: Span.Kind
    let parent: SpanID?
    let start: Timestamp
    let began: MonotonicInstant
}

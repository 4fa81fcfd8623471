public import Core
import Synchronization

/// Decides which work is recorded, and keeps the spans until someone takes them away.
///
/// Never waits: where the buffer is full a span is dropped and counted.
public final class Tracer: Sendable {
    private struct State {
        var spans: [Span] = []
        var dropped: UInt64 = 0
    }

    /// The most spans that are kept.
    public let capacity: Int
    private let environment: Environment
    /// Of 2⁶⁴ traces so many are recorded; nil for all.
    private let threshold: UInt64?
    private let state = Mutex(State())

    /// - Parameter sample: the share of the traces begun here that is recorded, 0 to 1. Those that others began are recorded
    ///   where these say so.
    public init(sample: Double, environment: Environment, capacity: Int = 8192) {
        self.environment = environment
        self.capacity = capacity
        threshold = sample >= 1 ? nil : UInt64(max(0, sample) * 0x1p64)
    }

    /// Begins a span under `parent`, or one that begins a trace. Nil where it is not to be recorded.
    public func begin(_ name: String, _ kind: Span.Kind, under parent: TraceContext?) -> ActiveSpan? {
        if let parent, !parent.isSampled { return nil }
        if parent == nil, let threshold, threshold == 0 || environment.random.next() >= threshold {
            return nil
        }
        let random = environment.random
        // Zero stands for none.
        guard let trace = parent?.traceID ?? TraceID(high: random.next(), low: random.next() | 1),
            let span = SpanID(random.next() | 1)
        else { return nil }
        return ActiveSpan(
            context: TraceContext(traceID: trace, spanID: span, isSampled: true, state: parent?.state),
            name: name,
            kind: kind, parent: parent?.spanID, start: environment.wallClock.now, began: environment.clock.now
        )
    }

    public func end(
        _ span: ActiveSpan, name: String? = nil, _ attributes: [Span.Attribute] = [], failure: String? = nil
    ) {
        let done = Span(
            name: name ?? span.name, kind: span.kind, context: span.context, parent: span.parent,
            start: span.start,
            duration: span.began.duration(to: environment.clock.now), attributes: attributes, failure: failure
        )
        state.withLock { state in
            if state.spans.count < capacity { state.spans.append(done) } else { state.dropped += 1 }
        }
    }

    /// Takes up to `count` of the oldest spans away.
    public func take(upTo count: Int) -> [Span] {
        state.withLock { state in
            guard state.spans.count > count else {
                defer { state.spans = [] }
                return state.spans
            }
            defer { state.spans.removeFirst(count) }
            return Array(state.spans[..<count])
        }
    }

    /// How many spans wait, and how many found no room so far.
    public var buffered: Int { state.withLock { $0.spans.count } }
    public var dropped: UInt64 { state.withLock { $0.dropped } }
}

/// The trace that the current task works for: set around a request, found by whatever it calls.
public struct CurrentTrace: Sendable {
    public let context: TraceContext
    /// Records what is called; nil where the trace is only handed on.
    public let tracer: Tracer?

    @TaskLocal private static var value: CurrentTrace?

    public static var now: CurrentTrace? { value }

    /// Runs `body`, during which ``now`` is `context` and `tracer`.
    public static func with<Result>(
        _ context: TraceContext, _ tracer: Tracer?, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await $value.withValue(CurrentTrace(context: context, tracer: tracer), operation: body)
    }

    /// Runs `body` as a span of the current trace, or of a new one by `tracer`; simply runs it where nothing is recorded.
    /// `finish` tells how it went.
    public static func span<Result>(
        _ name: String, _ kind: Span.Kind, by tracer: Tracer?, _ body: () async -> Result,
        finish: (Result) -> (attributes: [Span.Attribute], failure: String?)
    ) async -> Result {
        let current = now
        guard let tracer = current?.tracer ?? tracer,
            let span = tracer.begin(name, kind, under: current?.context)
        else { return await body() }
        let result = await with(span.context, tracer, body)
        let end = finish(result)
        tracer.end(span, end.attributes, failure: end.failure)
        return result
    }
}

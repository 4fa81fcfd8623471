import Concurrency
import Core
import Testing

@testable import Tracing

struct TracerTests {
    private func context(sampled: Bool) throws -> TraceContext {
        let trace = try #require(TraceID(high: 1, low: 2))
        return TraceContext(traceID: trace, spanID: try #require(SpanID(3)), isSampled: sampled)
    }

    @Test func `a share of the traces begun here is recorded`() {
        let tracer = Tracer(sample: 0.25, environment: .live)
        let count = (0..<10_000).count { _ in tracer.begin("x", .server, under: nil) != nil }
        // Twenty standard deviations.
        #expect((1600...3400).contains(count), "\(count)")
        #expect(Tracer(sample: 0, environment: .live).begin("x", .server, under: nil) == nil)
        #expect(Tracer(sample: 1, environment: .live).begin("x", .server, under: nil) != nil)
    }

    @Test func `what a caller decided counts`() throws {
        let none = Tracer(sample: 0, environment: .live)
        let all = Tracer(sample: 1, environment: .live)
        let span = try #require(none.begin("x", .server, under: context(sampled: true)))
        #expect(span.context.traceID == TraceID(high: 1, low: 2))
        #expect(span.parent == SpanID(3))
        #expect(all.begin("x", .server, under: try context(sampled: false)) == nil)
    }

    @Test func `a full buffer drops and counts, and never grows`() throws {
        let tracer = Tracer(sample: 1, environment: .live, capacity: 10)
        for _ in 0..<100 { tracer.end(try #require(tracer.begin("x", .internal, under: nil))) }
        #expect(tracer.buffered == 10)
        #expect(tracer.dropped == 90)
        #expect(tracer.take(upTo: 4).count == 4)
        #expect(tracer.take(upTo: 100).count == 6)
        #expect(tracer.take(upTo: 100).isEmpty)
    }

    @Test func `work within a span is a span below it`() async throws {
        let tracer = Tracer(sample: 1, environment: .live)
        await CurrentTrace.span("outer", .internal, by: tracer) {
            await CurrentTrace.span("inner", .internal, by: nil) {
            } finish: { _ in
                ([], "broke")
            }
        } finish: { _ in
            ([], nil)
        }
        let spans = tracer.take(upTo: 10)
        #expect(spans.map(\.name) == ["inner", "outer"])
        #expect(spans[0].parent == spans[1].context.spanID)
        #expect(spans[0].context.traceID == spans[1].context.traceID)
        #expect(spans[0].failure == "broke")
        #expect(spans[1].parent == nil)
        #expect(CurrentTrace.now == nil)
    }
}

import Core
import Telemetry
import Testing

@Suite struct MetricsTests {
    private let registry = MetricsRegistry()

    private var text: String { String(decoding: registry.exposition(), as: UTF8.self) }

    @Test func `the text is what Prometheus reads`() {
        let requests = registry.counters(
            "requests_total", "Requests\\so far\nor so.", labels: ["path", "code"])
        requests.with("/b", "200").add(3)
        requests.with("/a\"\\\n", "404").add()
        registry.gauge("temperature", "Now.").set(-1.5)
        let sizes = registry.histogram("size", "Sizes.", bounds: [1, 2.5])
        for value in [0.5, 1, 2, 3] { sizes.observe(value) }
        #expect(
            text == #"""
                # HELP requests_total Requests\\so far\nor so.
                # TYPE requests_total counter
                requests_total{path="/a\"\\\n",code="404"} 1
                requests_total{path="/b",code="200"} 3
                # HELP size Sizes.
                # TYPE size histogram
                size_bucket{le="1"} 2
                size_bucket{le="2.5"} 3
                size_bucket{le="+Inf"} 4
                size_sum 6.5
                size_count 4
                # HELP temperature Now.
                # TYPE temperature gauge
                temperature -1.5

                """#)
    }

    @Test func `asking twice gives the same instrument`() {
        registry.counter("a_total", "A.").add()
        registry.counter("a_total", "A.").add()
        #expect(registry.counter("a_total", "A.").value == 2)
    }

    @Test func `a hundred thousand label values take the room of a thousand`() {
        let family = registry.histograms("h", "H.", labels: ["path"])
        for id in 0..<100_000 { family.with("/\(id)").observe(0.01) }
        #expect(family.overflows == 99_000)
        #expect(family.with("other").count == 99_000)
        #expect(text.split(separator: "\n").count { $0.hasPrefix("h_count") } == 1001)
    }

    @Test func `label sets are bounded`() {
        let family = registry.counters("c_total", "C.", labels: ["id"], maximumSeries: 3)
        for id in 0..<1000 { family.with("\(id)").add() }
        // Two lines of the family's head, its four series, and what says that it overflowed.
        #expect(text.split(separator: "\n").count == 2 + 4 + 3)
        #expect(text.contains(#"apollo_metrics_overflows_total{family="c_total"} 997"#))
        #expect(family.with("other").value == 997)
        #expect(family.with("1").value == 1)
    }

    @Test func `nothing is lost when many count at once`() async {
        let counter = registry.counter("n_total", "N.")
        let gauge = registry.gauge("g", "G.")
        let histogram = registry.histogram("h", "H.", bounds: [10])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10000 {
                        counter.add()
                        gauge.add(0.5)
                        histogram.observe(2)
                    }
                }
            }
        }
        #expect(counter.value == 80000)
        #expect(gauge.value == 40000)
        #expect(histogram.count == 80000)
        #expect(histogram.sum == 160_000)
    }

    @Test func `numbers are written as Prometheus spells them`() {
        var exposition = Exposition()
        for value in [Double.infinity, -.infinity, .nan, 0, 1e15, 1e300, 0.1, -3] {
            exposition.sample(.init(name: "x"), value)
        }
        #expect(
            String(decoding: exposition.bytes, as: UTF8.self).split(separator: "\n").map { $0.dropFirst(2) }
                == [
                    "+Inf", "-Inf", "NaN", "0", "1000000000000000", "1e+300", "0.1", "-3",
                ])
    }

    @Test func `a process knows its own figures`() throws {
        let now = try #require(ProcessMetrics.current())
        #expect(now.cpuSeconds > 0)
        #expect(now.residentMemory > .mebibytes(1))
        #expect(now.residentMemory < now.virtualMemory)
        #expect(now.openDescriptors >= 3 && UInt64(now.openDescriptors) < now.maximumDescriptors)
        #expect(now.threads >= 1)
        // After 2020.
        #expect(now.startTime > 1_577_836_800)
        ProcessMetrics.register(in: registry)
        #expect(text.contains("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "))
    }
}

import Synchronization

/// Every metric of a process, and their text for Prometheus.
public final class MetricsRegistry: Sendable {
    private struct Entry: Sendable {
        /// The family itself, for the second who asks for it.
        var family: any AnyObject & Sendable
        var write: @Sendable (inout Exposition) -> Void
        var overflows: @Sendable () -> UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var collectors: [@Sendable (inout Exposition) -> Void] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// The counters of `name`, which should end in `_total`. Asking twice gives the same.
    public func counters(
        _ name: String, _ help: String, labels: [String], maximumSeries: Int = 1000
    ) -> MetricFamily<Counter> {
        family(name, help, labels, maximumSeries) { Counter() }
    }

    public func gauges(
        _ name: String, _ help: String, labels: [String], maximumSeries: Int = 1000
    ) -> MetricFamily<Gauge> {
        family(name, help, labels, maximumSeries) { Gauge() }
    }

    public func histograms(
        _ name: String, _ help: String, labels: [String], bounds: [Double] = Histogram.latencySeconds,
        maximumSeries: Int = 1000
    ) -> MetricFamily<Histogram> {
        family(name, help, labels, maximumSeries) { Histogram(bounds: bounds) }
    }

    public func counter(_ name: String, _ help: String) -> Counter { counters(name, help, labels: []).with() }
    public func gauge(_ name: String, _ help: String) -> Gauge { gauges(name, help, labels: []).with() }

    public func histogram(
        _ name: String, _ help: String, bounds: [Double] = Histogram.latencySeconds
    ) -> Histogram {
        histograms(name, help, labels: [], bounds: bounds).with()
    }

    /// Adds figures that are only looked up when someone asks: `collect` writes whole families.
    public func collect(_ collect: @escaping @Sendable (inout Exposition) -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// The text of all metrics (Prometheus text format 0.0.4), families sorted by name.
    public func exposition() -> [UInt8] {
        // Collectors may read files: they run outside the lock.
        let (entries, collectors) = state.withLock { state in
            (state.entries.sorted { $0.key < $1.key }, state.collectors)
        }
        var exposition = Exposition()
        for entry in entries { entry.value.write(&exposition) }
        let overflows = entries.map { ($0.key, $0.value.overflows()) }.filter { $0.1 > 0 }
        if !overflows.isEmpty {
            let name = "apollo_metrics_overflows_total"
            exposition.family(
                name: name, help: "How often a family had no room for new labels and counted under 'other'.",
                kind: "counter")
            for (family, count) in overflows {
                exposition.sample(Exposition.Series(name: name, labels: [("family", family)]), Double(count))
            }
        }
        for collect in collectors { collect(&exposition) }
        return exposition.bytes
    }

    private func family<Member: Instrument>(
        _ name: String, _ help: String, _ labels: [String], _ maximumSeries: Int,
        _ make: @escaping @Sendable () -> Member
    ) -> MetricFamily<Member> {
        precondition(Exposition.isName(name, allowsColon: true), "'\(name)' is no metric name")
        for label in labels { precondition(Exposition.isName(label), "'\(label)' is no label name") }
        return state.withLock { state in
            if let existing = state.entries[name] {
                guard let family = existing.family as? MetricFamily<Member>, family.labels == labels else {
                    preconditionFailure("the metric '\(name)' exists with another type or other labels")
                }
                return family
            }
            let family = MetricFamily(
                name: name, help: help, labels: labels, maximumSeries: maximumSeries, make: make)
            state.entries[name] = Entry(
                family: family, write: { family.write(into: &$0) }, overflows: { family.overflows })
            return family
        }
    }
}

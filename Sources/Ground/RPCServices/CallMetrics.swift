import Core
import RPCModel
import Synchronization
import Telemetry

/// Counts calls and their durations, by method and status. Only methods that are served come here, so that clients cannot add to them.
final class CallMetrics: Sendable {
    private struct Key: Hashable {
        var path: String
        var code: RPCCode
    }

    private struct Instruments {
        var count: Counter
        var duration: Histogram
    }

    private let clock: any MonotonicClock
    private let calls: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let active: Gauge
    private let known = Mutex<[Key: Instruments]>([:])

    init(registry: MetricsRegistry, clock: any MonotonicClock) {
        self.clock = clock
        calls = registry.counters(
            "apollo_rpc_calls_total", "Calls answered.", labels: ["method", "code"])
        durations = registry.histograms(
            "apollo_rpc_call_seconds", "Time from a call's metadata to its status.", labels: ["method"])
        active = registry.gauge("apollo_rpc_calls_active", "Calls being answered.")
    }

    func begin() -> MonotonicInstant {
        active.add(1)
        return clock.now
    }

    func end(_ call: EndedCall, since start: MonotonicInstant) {
        active.add(-1)
        let key = Key(path: call.context.path, code: call.code)
        let instruments = known.withLock { known in
            if let found = known[key] { return found }
            let new = Instruments(
                count: calls.with(call.method, call.code.name), duration: durations.with(call.method))
            known[key] = new
            return new
        }
        instruments.count.add()
        instruments.duration.observe(start.duration(to: clock.now))
    }
}

public import Core
import HTTPModel
import Synchronization
public import Telemetry

/// Counts requests and their durations, by route, method and class of status.
public final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        /// -1 where no route takes the request.
        var route: Int
        var method: HTTPMethod
        var statusClass: Int
    }

    private struct Instruments {
        var count: Counter
        var duration: Histogram
    }

    private let clock: any MonotonicClock
    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let active: Gauge
    // So that a request looks its instruments up by numbers, without making texts of them.
    private let known = Mutex<[Key: Instruments]>([:])

    public init(registry: MetricsRegistry, clock: any MonotonicClock) {
        self.clock = clock
        requests = registry.counters(
            "apollo_http_requests_total", "Requests answered.", labels: ["route", "method", "status"])
        durations = registry.histograms(
            "apollo_http_request_seconds", "Time from a request's fields to its response's.",
            labels: ["route", "method"])
        active = registry.gauge("apollo_http_requests_active", "Requests being handled.")
    }

    /// What counts; to stand first among a router's middleware.
    public var middleware: Middleware {
        Middleware { request, info, next in
            let start = self.clock.now
            self.active.add(1)
            let response = await next(request, info)
            self.active.add(-1)
            let instruments = self.instruments(request.method, info, response.status)
            instruments.count.add()
            instruments.duration.observe(start.duration(to: self.clock.now))
            return response
        }
    }

    private func instruments(
        _ method: HTTPMethod, _ info: RequestInfo, _ status: HTTPStatus
    ) -> Instruments {
        // Methods are the client's to choose: those without a route count as one.
        let isKnown = info.routeIndex != nil
        let key = Key(
            route: info.routeIndex ?? -1, method: isKnown ? method : HTTPMethod(rawValue: "other"),
            statusClass: status.rawValue / 100)
        return known.withLock { known in
            if let found = known[key] { return found }
            let route = info.pattern ?? "none"
            let new = Instruments(
                count: requests.with(route, key.method.rawValue, "\(key.statusClass)xx"),
                duration: durations.with(route, key.method.rawValue))
            known[key] = new
            return new
        }
    }
}

extension Middleware {
    /// Logs every request once it is answered: at level debug, failures of the service as errors.
    public static func log(_ logger: Logger, clock: any MonotonicClock) -> Middleware {
        Middleware { request, info, next in
            guard logger.level <= .debug else { return await next(request, info) }
            let start = clock.now
            let response = await next(request, info)
            logger.debug(
                "a request was answered",
                [
                    "method": .text(request.method.rawValue), "target": .text(request.target),
                    "status": .init(response.status.rawValue),
                    "seconds": .init(start.duration(to: clock.now)),
                    "peer": .text(request.peer), "request": .text(info.requestID),
                ])
            return response
        }
    }
}

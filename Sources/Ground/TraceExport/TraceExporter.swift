public import Concurrency
import Core
import HTTPClients
import HTTPModel
import Synchronization
public import Tracing

/// Sends spans to a collector, by OTLP over HTTP. What the collector does not take after a few tries is dropped and counted:
/// traces never hold up what they are about.
public final class TraceExporter: Service {
    public let name = "traces"
    private let tracer: Tracer
    private let url: String
    private let version: String
    private let interval: Duration
    private let report: @Sendable (String) -> Void
    private let counts = Mutex((sent: UInt64(0), lost: UInt64(0)))

    static let batchSize = 512

    /// - Parameters:
    ///   - endpoint: the collector's address, such as `http://127.0.0.1:4318`; `/v1/traces` is added unless it is there.
    ///   - report: told when sending begins to fail, and when it works again.
    public init(
        _ tracer: Tracer, endpoint: String, version: String, interval: Duration = .seconds(1),
        report: @escaping @Sendable (String) -> Void
    ) {
        self.tracer = tracer
        self.version = version
        self.interval = interval
        self.report = report
        let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        url = base.hasSuffix("/v1/traces") ? base : base + "/v1/traces"
    }

    /// Spans that the collector took, and those that it did not.
    public var sent: UInt64 { counts.withLock { $0.sent } }
    public var lost: UInt64 { counts.withLock { $0.lost } }

    public func run(_ context: ServiceContext) async throws {
        let http = HTTPClient(
            HTTPClientConfiguration(
                timeouts: HTTPTimeouts(connect: .seconds(2), idle: .seconds(5), total: .seconds(10)),
                maximumIdleConnections: 1), environment: context.environment)
        context.markReady()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var isFailing = false
                // Cancelled is how it ends.
                while (try? await context.environment.clock.sleep(for: self.interval)) != nil {
                    await self.sendAll(http, &isFailing)
                }
            }
            // The group's end is the only other way on, and it comes by cancellation.
            try? await context.waitForDrain()
            group.cancelAll()
        }
        // What is left goes out at once, or not at all.
        var isFailing = true
        await sendAll(http, &isFailing, within: .seconds(2))
        await http.close()
    }

    private func sendAll(_ http: HTTPClient, _ isFailing: inout Bool, within limit: Duration? = nil) async {
        while true {
            let spans = tracer.take(upTo: Self.batchSize)
            if spans.isEmpty { return }
            let failure = await send(spans, http, limit)
            counts.withLock { counts in
                if failure == nil {
                    counts.sent += UInt64(spans.count)
                } else {
                    counts.lost += UInt64(spans.count)
                }
            }
            if let failure, !isFailing { report("traces cannot be sent to \(url): \(failure)") }
            if failure == nil, isFailing, limit == nil { report("traces are sent to \(url) again") }
            isFailing = failure != nil
            if failure != nil { return }
        }
    }

    /// What went wrong, or nil.
    private func send(_ spans: [Span], _ http: HTTPClient, _ limit: Duration?) async -> String? {
        var request = HTTPClientRequest(
            .post, url, fields: HTTPFields(["Content-Type": "application/json"]),
            body: .bytes(SpanEncoding.json(spans, service: "apollo", version: version)), isIdempotent: true,
            ignoresCancellation: true)
        if let limit {
            request.timeouts = HTTPTimeouts(connect: limit, idle: limit, total: limit)
            request.retry = .never
        }
        do throws(HTTPClientError) {
            let response = try await http.send(request)
            // Read to its end, so that the connection is used again; what it says does not matter where it succeeded.
            let body = (try? await response.body.collect(upTo: 64 << 10)) ?? []
            guard response.status.rawValue >= 300 else { return nil }
            return
                "it answered \(response.status): \(String(decoding: body.prefix(200), as: UTF8.self).printable)"
        } catch {
            return error.asApolloError.message
        }
    }
}

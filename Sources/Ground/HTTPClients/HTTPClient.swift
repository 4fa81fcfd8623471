public import Concurrency
public import Core
import HTTPModel
import Tracing

/// Sends HTTP requests: pooled connections, bodies streamed both ways with back-pressure, deadlines, retries.
///
/// One thread per client carries all of its requests, over TCP, TLS or unix sockets. A client is cheap to make. It
/// ends with ``close()``, or with the last reference to it and to the bodies of its responses.
public final class HTTPClient: Sendable {
    public let configuration: HTTPClientConfiguration
    private let environment: Environment
    private let loop: CurlLoop

    public init(
        _ configuration: HTTPClientConfiguration = HTTPClientConfiguration(), environment: Environment = .live
    ) {
        self.configuration = configuration
        self.environment = environment
        loop = CurlLoop(configuration, clock: environment.clock)
    }

    deinit { loop.stop() }

    /// Ends every request still under way with ``HTTPClientError/closed`` and returns once the client's thread has
    /// let go of its connections.
    public func close() async {
        loop.stop()
        await loop.stopped()
    }

    /// Sends `request` and returns once the response's status and fields are here. A status is never an error. Where the task
    /// works for a trace, the peer is told, and the call recorded as a span of it.
    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        guard let trace = CurrentTrace.now else { return try await deliver(request) }
        var request = request
        let span = trace.tracer?.begin(request.method.rawValue, .client, under: trace.context)
        let context = span?.context ?? trace.context
        request.fields[TraceContext.field] = context.text
        request.fields[TraceContext.stateField] = context.state
        do throws(HTTPClientError) {
            let response = try await deliver(request)
            end(span, request, status: response.status, nil)
            return response
        } catch {
            end(span, request, status: nil, error.asApolloError.message)
            throw error
        }
    }

    private func end(
        _ span: ActiveSpan?, _ request: HTTPClientRequest, status: HTTPStatus?, _ failure: String?
    ) {
        guard let span, let tracer = CurrentTrace.now?.tracer else { return }
        var attributes = [
            Span.Attribute("http.request.method", .text(request.method.rawValue)),
            Span.Attribute("server.address", .text(request.authority)),
        ]
        if let status {
            attributes.append(Span.Attribute("http.response.status_code", .integer(Int64(status.rawValue))))
        }
        let refused = status.flatMap { $0.rawValue >= 400 ? "\($0)" : nil }
        tracer.end(span, attributes, failure: failure ?? refused)
    }

    private func deliver(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let total = (request.timeouts ?? configuration.timeouts).total
        let expiry = total.map { environment.clock.now.advanced(by: $0) }
        let policy = request.retry ?? configuration.retry
        var backoff = policy.backoff
        while true {
            let result = await attempt(request, expiry)
            guard let leastWait = leastWaitBeforeRetry(of: request, after: result, policy),
                let jitter = backoff.next(random: environment.random)
            else { return try result.get() }
            let next = environment.clock.now.advanced(by: max(leastWait, jitter))
            if let expiry, next >= expiry { return try result.get() }
            if case .success(let response) = result { await response.body.discard() }
            do { try await environment.clock.sleep(until: next) } catch { throw .cancelled }
        }
    }

    private func attempt(
        _ request: HTTPClientRequest, _ expiry: MonotonicInstant?
    ) async -> Result<HTTPClientResponse, HTTPClientError> {
        guard request.ignoresCancellation || !Task.isCancelled else { return .failure(.cancelled) }
        let transfer = Transfer(
            request, expiry: expiry, configuration: configuration, clock: environment.clock)
        let body = ResponseBody(transfer, of: self, loop)
        body.start()
        let head = await body.cancelling { await transfer.inbox.head() }
        if case .success(let head) = head, head.status.rawValue >= 300, transfer.outbox != nil {
            // libcurl stops sending the body of what is refused, but not where that is paused: it would stay so.
            loop.resume(transfer)
        }
        return head.map { HTTPClientResponse(status: $0.status, fields: $0.fields, body: body) }
    }

    /// What the server asks to wait, or zero; nil where the result stands.
    private func leastWaitBeforeRetry(
        of request: HTTPClientRequest, after result: Result<HTTPClientResponse, HTTPClientError>,
        _ policy: HTTPRetryPolicy
    ) -> Duration? {
        guard request.isIdempotent, request.body.isReplayable else { return nil }
        switch result {
        case .failure(let error):
            return policy.retries(error) ? .zero : nil
        case .success(let response):
            guard policy.retries(response.status) else { return nil }
            let asked = response.fields["Retry-After"].flatMap {
                RetryAfter.parse($0, now: environment.wallClock.now)
            }
            guard let asked else { return .zero }
            return asked <= policy.maximumRetryAfter ? asked : nil
        }
    }
}

/// The body of a response under way. Holds its client, so that the thread lives as long as anyone reads.
private final class ResponseBody: HTTPBodyReader {
    private let transfer: Transfer
    private let client: HTTPClient
    private let loop: CurlLoop

    init(_ transfer: Transfer, of client: HTTPClient, _ loop: CurlLoop) {
        self.transfer = transfer
        self.client = client
        self.loop = loop
    }

    deinit {
        if !transfer.inbox.isFinished { loop.cancel(transfer) }
    }

    func start() {
        loop.start(transfer)
        guard let reader = transfer.reader, let outbox = transfer.outbox else { return }
        outbox.start(reader) { [loop, transfer] in loop.resume(transfer) }
    }

    func next() async throws -> [UInt8]? {
        let transfer = transfer
        while true {
            switch transfer.inbox.read() {
            case .piece(let piece): return piece
            case .pieceAndResume(let piece):
                loop.resume(transfer)
                return piece
            case .end: return nil
            case .failure(let error): throw error
            case .nothing: await cancelling { await transfer.inbox.changed() }
            }
        }
    }

    /// Runs `wait`, during which the cancellation of the task ends the transfer.
    func cancelling<Value: Sendable>(_ wait: () async -> Value) async -> Value {
        guard !transfer.request.ignoresCancellation else { return await wait() }
        return await withTaskCancellationHandler(operation: wait) { loop.cancel(transfer) }
    }
}

extension HTTPBodyReader {
    /// Reads a short body to its end, so that its connection can be used again; gives a long one up.
    fileprivate func discard() async {
        // Only the connection's use is at stake.
        _ = try? await collect(upTo: 64 << 10)
    }
}

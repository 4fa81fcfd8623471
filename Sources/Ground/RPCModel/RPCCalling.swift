/// How a call is made.
public struct RPCCallOptions: Sendable {
    /// How long the caller waits at most; nil for as long as the call that is being answered allows, or for ever.
    public var timeout: Duration?
    public var metadata: RPCMetadata
    /// Whether a call waits for a connection, until its deadline, rather than fail where there is none.
    public var waitsForConnection: Bool
    /// Signs of life that are asked for, for calls with streams.
    public var heartbeat: RPCHeartbeat?

    public init(
        timeout: Duration? = nil, metadata: RPCMetadata = RPCMetadata(), waitsForConnection: Bool = false,
        heartbeat: RPCHeartbeat? = nil
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.waitsForConnection = waitsForConnection
        self.heartbeat = heartbeat
    }
}

/// One call as the client's transport sees it.
public protocol RPCClientExchange: Sendable {
    func send(_ message: [UInt8]) async throws
    /// Says that nothing more is sent.
    func finishSending() async throws
    /// The next message; nil once the call ended well. Throws ``RPCError`` once it ended otherwise.
    func receive() async throws -> [UInt8]?
    /// What the server sent before its first message.
    func initialMetadata() async throws -> RPCMetadata
}

/// Makes calls: a channel to a server, or a stand-in of a test.
///
/// Whatever fails is an ``RPCError``; a caller whose task is cancelled gets one of code `cancelled`.
public protocol RPCCalling: Sendable {
    /// Sends one message, and returns the one that answers it.
    func unary(_ path: String, _ request: [UInt8], _ options: RPCCallOptions) async throws -> [UInt8]

    /// Runs `body` on a call with streams; when it returns or throws the call is over, or cancelled.
    func stream<Result: Sendable>(
        _ path: String, _ kind: RPCKind, _ options: RPCCallOptions,
        _ body: @Sendable (any RPCClientExchange) async throws -> Result
    ) async throws -> Result
}

extension RPCCalling {
    /// Calls a unary method.
    public func call<Request, Response>(
        _ method: RPCMethod<Request, Response>, _ request: Request, options: RPCCallOptions = RPCCallOptions()
    ) async throws -> Response {
        try method.readResponse(await unary(method.path, method.request.encode(request), options))
    }

    /// Calls a method that answers with a stream, which `body` reads; what it leaves unread is cancelled.
    public func call<Request, Response, Result: Sendable>(
        _ method: RPCMethod<Request, Response>, _ request: Request,
        options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCReader<Response>) async throws -> Result
    ) async throws -> Result {
        let bytes = try method.request.encode(request)
        return try await stream(method.path, method.kind, options) { exchange in
            try await exchange.send(bytes)
            try await exchange.finishSending()
            return try await body(RPCReader { try await exchange.receive().map(method.readResponse) })
        }
    }

    /// Calls a method with streams both ways. `body` ends its own with ``RPCRequests/finish()``.
    public func call<Request, Response, Result: Sendable>(
        _ method: RPCMethod<Request, Response>, options: RPCCallOptions = RPCCallOptions(),
        _ body: @Sendable (RPCRequests<Request>, RPCReader<Response>) async throws -> Result
    ) async throws -> Result {
        try await stream(method.path, method.kind, options) { exchange in
            try await body(
                RPCRequests(
                    writer: RPCWriter(codec: method.request, exchange.send), finish: exchange.finishSending),
                RPCReader { try await exchange.receive().map(method.readResponse) })
        }
    }
}

/// The stream of requests of a call.
public struct RPCRequests<Request: Sendable>: Sendable {
    let writer: RPCWriter<Request>
    let finishSending: @Sendable () async throws -> Void

    init(writer: RPCWriter<Request>, finish: @escaping @Sendable () async throws -> Void) {
        self.writer = writer
        finishSending = finish
    }

    /// Sends a request, and returns when there is room for another.
    public func write(_ request: Request) async throws { try await writer.write(request) }

    /// Says that no more requests come.
    public func finish() async throws { try await finishSending() }
}

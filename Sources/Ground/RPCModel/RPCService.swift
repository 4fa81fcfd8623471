/// A service as a server offers it: its methods, each with what answers it.
public struct RPCService: Sendable {
    /// The name with its package: `apollo.v1.Tasks`.
    public let name: String
    public let methods: [RPCHandler]

    /// - Precondition: the methods are this service's, and no two have one name.
    public init(_ name: String, _ methods: [RPCHandler]) {
        var seen: Set<String> = []
        for method in methods {
            precondition(method.path.hasPrefix("/\(name)/"), "\(method.path) is no method of \(name)")
            precondition(seen.insert(method.path).inserted, "\(method.path) is there twice")
        }
        self.name = name
        self.methods = methods
    }
}

/// One call as its transport sees it: bytes in, bytes out.
public protocol RPCExchange: Sendable {
    /// The next message of the client; nil when it has sent all.
    func receive() async throws -> [UInt8]?

    /// Sends a message, and returns when there is room for another.
    func send(_ message: [UInt8]) async throws

    /// Keeps the only message, which leaves together with the status.
    func sendLast(_ message: [UInt8])

    /// Metadata that is sent before the first message; later it is too late.
    func setInitialMetadata(_ metadata: RPCMetadata) throws

    /// Metadata that is sent with the status.
    func setTrailingMetadata(_ metadata: RPCMetadata)
}

/// What answers the calls of one method.
public struct RPCHandler: Sendable {
    public let path: String
    public let kind: RPCKind
    /// Answers one call. What it throws becomes the call's status.
    package let handle: @Sendable (any RPCExchange, RPCContext) async throws -> Void

    package init(
        path: String, kind: RPCKind,
        handle: @escaping @Sendable (any RPCExchange, RPCContext) async throws -> Void
    ) {
        self.path = path
        self.kind = kind
        self.handle = handle
    }

    /// Answers one request with one message.
    public static func unary<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        _ answer: @escaping @Sendable (Request, RPCContext) async throws -> Response
    ) -> RPCHandler {
        precondition(method.kind == .unary, "\(method.path) is not unary")
        return RPCHandler(path: method.path, kind: .unary) { exchange, context in
            let request = try await only(method, exchange)
            exchange.sendLast(try method.response.encode(try await answer(request, context)))
        }
    }

    /// Answers one request with messages that are written as they come.
    public static func serverStreaming<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        _ answer: @escaping @Sendable (Request, RPCWriter<Response>, RPCContext) async throws -> Void
    ) -> RPCHandler {
        precondition(method.kind == .serverStreaming, "\(method.path) does not stream its answers alone")
        return RPCHandler(path: method.path, kind: .serverStreaming) { exchange, context in
            let request = try await only(method, exchange)
            try await answer(request, RPCWriter(codec: method.response, exchange.send), context)
        }
    }

    /// Answers many requests with one message.
    public static func clientStreaming<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        _ answer: @escaping @Sendable (RPCReader<Request>, RPCContext) async throws -> Response
    ) -> RPCHandler {
        precondition(method.kind == .clientStreaming, "\(method.path) does not stream its requests alone")
        return RPCHandler(path: method.path, kind: .clientStreaming) { exchange, context in
            let response = try await answer(requests(method, exchange), context)
            exchange.sendLast(try method.response.encode(response))
        }
    }

    /// Answers many requests with many messages, in any order.
    public static func bidirectional<Request, Response>(
        _ method: RPCMethod<Request, Response>,
        _ answer:
            @escaping @Sendable (RPCReader<Request>, RPCWriter<Response>, RPCContext) async throws -> Void
    ) -> RPCHandler {
        precondition(method.kind == .bidirectional, "\(method.path) does not stream both ways")
        return RPCHandler(path: method.path, kind: .bidirectional) { exchange, context in
            try await answer(
                requests(method, exchange), RPCWriter(codec: method.response, exchange.send), context)
        }
    }

    private static func only<Request, Response>(
        _ method: RPCMethod<Request, Response>, _ exchange: any RPCExchange
    ) async throws -> Request {
        guard let bytes = try await exchange.receive() else {
            throw RPCError(.invalidArgument, "the request of \(method.path) did not come")
        }
        return try method.readRequest(bytes)
    }

    private static func requests<Request, Response>(
        _ method: RPCMethod<Request, Response>, _ exchange: any RPCExchange
    ) -> RPCReader<Request> {
        RPCReader { try await exchange.receive().map(method.readRequest) }
    }
}

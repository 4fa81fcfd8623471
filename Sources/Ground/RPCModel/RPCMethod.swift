/// How many messages each side of a call sends.
public enum RPCKind: Hashable, Sendable {
    case unary
    case serverStreaming
    case clientStreaming
    case bidirectional

    public var requestsStream: Bool { self == .clientStreaming || self == .bidirectional }
    public var responsesStream: Bool { self == .serverStreaming || self == .bidirectional }
}

/// A method of a service: what both ends have to agree on. Generated from `.proto` files, or written down by hand.
public struct RPCMethod<Request: Sendable, Response: Sendable>: Sendable {
    /// The service with its package: `apollo.v1.Tasks`.
    public let service: String
    public let name: String
    public let kind: RPCKind
    public let request: RPCCodec<Request>
    public let response: RPCCodec<Response>
    /// `/apollo.v1.Tasks/Get`, as the wire has it.
    public let path: String

    public init(
        service: String, name: String, kind: RPCKind = .unary, request: RPCCodec<Request>,
        response: RPCCodec<Response>
    ) {
        self.service = service
        self.name = name
        self.kind = kind
        self.request = request
        self.response = response
        path = "/\(service)/\(name)"
    }

    /// Reads a request; what cannot be read is the sender's fault.
    package func readRequest(_ bytes: [UInt8]) throws(RPCError) -> Request {
        do { return try request.decode(bytes) } catch {
            throw RPCError(.invalidArgument, "the request of \(path) cannot be read: \(error)")
        }
    }

    package func readResponse(_ bytes: [UInt8]) throws(RPCError) -> Response {
        do { return try response.decode(bytes) } catch {
            throw RPCError(.dataLoss, "the answer of \(path) cannot be read: \(error)")
        }
    }
}

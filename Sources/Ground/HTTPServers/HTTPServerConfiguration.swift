public import Core
public import EventLoops
public import HTTPModel
public import HTTPParser
public import TLS

/// What a server listens on and how much it puts up with.
public struct HTTPServerConfiguration: Sendable {
    /// One address to listen on.
    public struct Endpoint: Sendable {
        public var address: SocketAddress
        /// The certificate of `https`; nil for plain HTTP.
        public var certificate: TLSCertificate?

        public init(_ address: SocketAddress, certificate: TLSCertificate? = nil) {
            self.address = address
            self.certificate = certificate
        }
    }

    /// Bounds on sizes and numbers.
    public struct Limits: Hashable, Sendable {
        /// Of request heads, chunk lines and trailers.
        public var parser = HTTPParserLimits()
        /// Bytes of a request's body; a longer one is a 413. Routes that know better set bounds of their own.
        public var bodyBytes: Int64 = .max
        /// Bytes of a body nobody read that are taken in so that the connection can go on; it is closed where more are left.
        public var unreadBodyBytes: Int64 = 256 << 10
        /// Connections at a time. Further ones wait in the kernel's queue.
        public var connections = 10_000
        /// Requests on one connection, after which it is closed.
        public var requestsPerConnection = Int.max

        public init() {}
    }

    /// Bounds on times. None of them is a bound on a handler.
    public struct Timeouts: Hashable, Sendable {
        /// From a request's first byte, or from the connection's start, to the end of the head, however it trickles in. It bounds
        /// the TLS handshake too.
        public var head: Duration = .seconds(10)
        /// Between two pieces of a request's body.
        public var body: Duration = .seconds(30)
        /// Between two requests.
        public var idle: Duration = .seconds(75)
        /// Without a byte taken by a client that is being written to.
        public var write: Duration = .seconds(30)

        public init() {}
    }

    public var endpoints: [Endpoint]
    public var limits = Limits()
    public var timeouts = Timeouts()
    /// For the `Date` of responses.
    public var environment: Environment
    /// What the server itself answers where no handler is asked or one failed: a status from 400 on, and what is wrong where the
    /// client can do something about it. Applications whose clients read problems of one form put that here.
    public var problem: @Sendable (HTTPStatus, String?) -> HTTPResponse = { Problem.response($0, $1) }
    /// Told of what went wrong and has no one else to tell. Called on the loops: it must not block.
    public var report: @Sendable (HTTPServerEvent) -> Void

    public init(
        endpoints: [Endpoint], environment: Environment,
        report: @escaping @Sendable (HTTPServerEvent) -> Void
    ) {
        self.endpoints = endpoints
        self.environment = environment
        self.report = report
    }
}

/// What a server reports to its owner.
public enum HTTPServerEvent: Sendable {
    /// A handler threw what is no answer: the client got a 500.
    case handlerFailed(method: HTTPMethod, target: String, any Error)
    /// A stream threw after its head was sent: the connection was cut, so that the client can tell.
    case streamFailed(method: HTTPMethod, target: String, any Error)
    /// A handler's response cannot be sent as it is: the client got a 500.
    case responseInvalid(method: HTTPMethod, target: String, reason: String)
    /// No connection can be accepted for now. The server tries again.
    case acceptFailed(SocketAddress, SocketError)
    /// A client's TLS handshake failed.
    case handshakeFailed(peer: String, TLSError)
}

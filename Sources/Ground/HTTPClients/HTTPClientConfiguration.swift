/// How an ``HTTPClient`` behaves.
public struct HTTPClientConfiguration: Sendable {
    /// The unix socket every request goes to, unless it names another; nil for TCP.
    public var unixSocket: String?
    public var timeouts: HTTPTimeouts
    public var retry: HTTPRetryPolicy
    public var tls: HTTPClientTLS
    /// Whether `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` of the process's environment apply. They never
    /// do for loopback addresses and unix sockets.
    public var usesEnvironmentProxy: Bool
    /// Requests in flight at once; more wait in order.
    public var maximumConcurrentRequests: Int
    /// Requests that wait; one more fails with ``HTTPClientError/overloaded(limit:)``.
    public var maximumWaitingRequests: Int
    /// Connections kept open for later requests.
    public var maximumIdleConnections: Int
    /// Bytes of a response's status line and fields.
    public var maximumFieldBytes: Int
    /// Bytes held of each body, either way, before its source is paused.
    public var bodyBuffer: Int
    /// Sent as `User-Agent` unless the request says otherwise.
    public var userAgent: String

    public init(
        unixSocket: String? = nil, timeouts: HTTPTimeouts = HTTPTimeouts(),
        retry: HTTPRetryPolicy = HTTPRetryPolicy(), tls: HTTPClientTLS = HTTPClientTLS(),
        usesEnvironmentProxy: Bool = true, maximumConcurrentRequests: Int = 256,
        maximumWaitingRequests: Int = 4096, maximumIdleConnections: Int = 32,
        maximumFieldBytes: Int = 64 << 10, bodyBuffer: Int = 1 << 20, userAgent: String = "apollo"
    ) {
        self.unixSocket = unixSocket
        self.timeouts = timeouts
        self.retry = retry
        self.tls = tls
        self.usesEnvironmentProxy = usesEnvironmentProxy
        self.maximumConcurrentRequests = maximumConcurrentRequests
        self.maximumWaitingRequests = maximumWaitingRequests
        self.maximumIdleConnections = maximumIdleConnections
        self.maximumFieldBytes = maximumFieldBytes
        self.bodyBuffer = bodyBuffer
        self.userAgent = userAgent
    }
}

/// The time a request may take.
public struct HTTPTimeouts: Hashable, Sendable {
    /// Until the connection stands, TLS included.
    public var connect: Duration
    /// Without a byte moved either way, while neither end of ours is the one that waits; nil for calls that are
    /// silent by nature, such as long polls.
    public var idle: Duration?
    /// From `send` to the last byte of the response, waits and retries counted; nil for no bound.
    public var total: Duration?

    public init(connect: Duration = .seconds(10), idle: Duration? = .seconds(60), total: Duration? = nil) {
        self.connect = connect
        self.idle = idle
        self.total = total
    }
}

/// Whom a client trusts, and how it shows who it is.
public struct HTTPClientTLS: Hashable, Sendable {
    /// A PEM file with the authorities to trust, and no other; nil for the system's.
    public var authorityFile: String?
    /// PEM files of the client's own certificate chain and key.
    public var certificateFile: String?
    public var keyFile: String?
    /// False only to hear of a stranger what is then held against a fingerprint: nothing that is secret may be sent, and
    /// nothing believed.
    public var verifiesPeer = true

    public init(authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

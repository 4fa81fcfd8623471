public import HTTPModel

/// A request to send.
public struct HTTPClientRequest: Sendable {
    public var method: HTTPMethod
    /// An absolute `http` or `https` address, percent-encoded. With a unix socket its host is only a name: `http://engine/info`.
    public var url: String
    /// `Host`, `Content-Length` and `Transfer-Encoding` are written by the client.
    public var fields: HTTPFields
    public var body: HTTPClientBody
    /// Nil for the client's.
    public var timeouts: HTTPTimeouts?
    /// Nil for the client's.
    public var retry: HTTPRetryPolicy?
    /// Whether sending it twice means the same as once, where the method alone does not say so.
    public var isIdempotent: Bool
    /// The unix socket to send it to; nil for the client's.
    public var unixSocket: String?
    /// How many redirects to follow. At 0 a redirect is returned as any other response.
    public var maximumRedirects: Int
    /// Whether it runs to its end even where the task that sends it is cancelled: for cleaning up. Give it a total time.
    public var ignoresCancellation: Bool

    public init(
        _ method: HTTPMethod, _ url: String, fields: HTTPFields = HTTPFields(), body: HTTPClientBody = .empty,
        timeouts: HTTPTimeouts? = nil, retry: HTTPRetryPolicy? = nil, isIdempotent: Bool? = nil,
        unixSocket: String? = nil, maximumRedirects: Int = 0, ignoresCancellation: Bool = false
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeouts = timeouts
        self.retry = retry
        self.isIdempotent = isIdempotent ?? method.isIdempotent
        self.unixSocket = unixSocket
        self.maximumRedirects = maximumRedirects
        self.ignoresCancellation = ignoresCancellation
    }

    /// The host of the address, for messages: `example.org:8080`; all of the address where it has none.
    var authority: String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return String(rest.split(separator: "@").last ?? rest)
    }
}

/// What a request carries.
public enum HTTPClientBody: Sendable {
    /// No body at all.
    case empty
    case bytes([UInt8])
    /// Bytes as the reader gives them, `length` of them where it is known and chunked otherwise. Such a request is sent
    /// once: it cannot be retried.
    case stream(any HTTPBodyReader, length: Int64?)
    /// As `stream`, with a reader for each try.
    case replayable(length: Int64?, @Sendable () -> any HTTPBodyReader)

    var isReplayable: Bool {
        if case .stream = self { return false }
        return true
    }
}

/// A response whose status and fields are here, and whose body arrives as it is read.
public struct HTTPClientResponse: Sendable {
    public var status: HTTPStatus
    public var fields: HTTPFields
    /// Throws ``HTTPClientError`` where the response breaks off: its end, nil, means that it is whole. The connection
    /// is closed when the last reference to it goes before that.
    public var body: any HTTPBodyReader

    public init(status: HTTPStatus, fields: HTTPFields, body: any HTTPBodyReader) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

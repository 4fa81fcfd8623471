import Glibc

/// A request as a handler sees it. The body arrives as it is read.
public struct HTTPRequest: Sendable {
    public var method: HTTPMethod
    /// The request target as sent, such as `/api/v1/tasks?limit=10`.
    public var target: String
    public var fields: HTTPFields
    public var body: any HTTPBodyReader
    /// Who is at the other end: an address and port, or `unix` for a unix socket; for logs and audit.
    public var peer: String
    /// The certificate that the client has shown in TLS, in DER, whoever signed it; nil for none.
    public var certificate: [UInt8]?

    public init(
        method: HTTPMethod, target: String, fields: HTTPFields = HTTPFields(),
        body: any HTTPBodyReader = BufferedBody([]), peer: String = "", certificate: [UInt8]? = nil
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.peer = peer
        self.certificate = certificate
    }

    /// The target up to the first `?`, still percent-encoded.
    public var path: Substring { target.prefix { $0 != "?" } }

    /// What follows the first `?`, still percent-encoded, or nil.
    public var query: Substring? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        return target[target.index(after: mark)...]
    }
}

/// A response as a handler returns it, or a client receives it.
public struct HTTPResponse: Sendable {
    public var status: HTTPStatus
    /// Without `Content-Length`, `Transfer-Encoding`, `Connection` and `Date`: the server writes these itself.
    public var fields: HTTPFields
    public var body: HTTPResponseBody

    public init(_ status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: HTTPResponseBody = .empty) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// What a response carries.
public enum HTTPResponseBody: Sendable {
    case empty
    case bytes([UInt8])
    /// The whole of a file. The server answers `Range` and `If-Range`, and sends by `sendfile` where there is no TLS.
    case file(path: String)
    /// Bytes as they come, `length` of them where it is known and chunked otherwise. The closure's writer waits while
    /// the peer does not read; returning ends the body, throwing breaks the connection off so that the peer can tell.
    case stream(length: Int64?, @Sendable (any HTTPBodyWriter) async throws -> Void)
    /// No body but another protocol, which the fields name in `Upgrade` (RFC 9110, section 7.8), with status 101. The closure has
    /// the connection to itself, and its end is the connection's.
    case upgrade(@Sendable (any HTTPUpgradedConnection) async throws -> Void)
}

/// The reading end of a body.
public protocol HTTPBodyReader: Sendable {
    /// The next piece, never empty, or nil at the end. Throws ``HTTPBodyError`` where the peer breaks the body.
    func next() async throws -> [UInt8]?
}

extension HTTPBodyReader {
    /// The whole body, or ``HTTPBodyError/tooLarge(limit:)`` once it passes `limit` bytes.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while let piece = try await next() {
            guard all.count + piece.count <= limit else { throw HTTPBodyError.tooLarge(limit: limit) }
            if all.isEmpty { all = piece } else { all += piece }
        }
        return all
    }
}

/// The writing end of a streamed body.
public protocol HTTPBodyWriter: Sendable {
    /// Returns once the bytes are handed to the network; throws ``HTTPBodyError`` when the peer is gone. Writes of several tasks
    /// go out one after the other, each in one piece.
    func write(_ bytes: [UInt8]) async throws

    /// Writes `count` bytes of an open file from `offset` on. The connection itself has the kernel do it where there is no TLS; every
    /// other writer reads them. The caller keeps the file open meanwhile.
    func write(file descriptor: Int32, from offset: Int64, count: Int) async throws
}

extension HTTPBodyWriter {
    public func write(file descriptor: Int32, from offset: Int64, count: Int) async throws {
        try await read(file: descriptor, from: offset, count: count)
    }

    /// Reads `count` bytes of a file and writes them.
    public func read(file descriptor: Int32, from offset: Int64, count: Int) async throws {
        var (offset, rest) = (offset, count)
        while rest > 0 {
            let size = min(rest, 128 << 10)
            let piece = [UInt8](unsafeUninitializedCapacity: size) { memory, filled in
                filled = max(0, pread(descriptor, memory.baseAddress, size, off_t(offset)))
            }
            guard !piece.isEmpty else { throw HTTPBodyError.malformed("the file ends early") }
            try await write(piece)
            offset += Int64(piece.count)
            rest -= piece.count
        }
    }
}

/// How a body can break.
public enum HTTPBodyError: Error, Hashable, Sendable {
    case tooLarge(limit: Int)
    case malformed(String)
    case disconnected
    case timedOut
}

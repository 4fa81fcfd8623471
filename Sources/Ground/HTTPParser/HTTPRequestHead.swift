public import HTTPModel

/// The head of a request, read and found valid.
public struct HTTPRequestHead: Hashable, Sendable {
    /// How the body is framed (RFC 9112, section 6).
    public enum Body: Hashable, Sendable {
        case none
        /// That many bytes, at least one.
        case fixed(Int64)
        case chunked
    }

    public var method: HTTPMethod
    /// In origin form, or `*`: a target in absolute form has given its authority to `Host`.
    public var target: String
    public var fields: HTTPFields
    /// 0 or 1: HTTP/1.0 or 1.1.
    public var minorVersion: Int
    public var body: Body
    /// Whether the client will send another request on the connection.
    public var isKeptAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool

    public init(
        method: HTTPMethod, target: String, fields: HTTPFields, minorVersion: Int, body: Body,
        isKeptAlive: Bool,
        expectsContinue: Bool
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.minorVersion = minorVersion
        self.body = body
        self.isKeptAlive = isKeptAlive
        self.expectsContinue = expectsContinue
    }
}

public import Core

/// Where NATS servers are, and how they know us and we them.
public struct NATSLocation: Hashable, Sendable {
    /// One server.
    public struct Server: Hashable, Sendable {
        public var host: String
        public var port: UInt16
        public var isSecure: Bool

        public var url: String {
            "\(isSecure ? "tls" : "nats")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    public static let defaultPort: UInt16 = 4222

    /// Tried one after the other, and again.
    public var servers: [Server]
    /// A token, for servers that ask for one.
    public var token: String?
    /// A `.creds` file: a user's JWT and its key.
    public var credentialsFile: String?
    /// A file of authorities in PEM; nil for the system's.
    public var authoritiesFile: String?
    /// Our own certificate and its key, in PEM, for servers that ask for one.
    public var certificateFile: String?
    public var keyFile: String?

    public init(servers: [Server]) { self.servers = servers }

    /// Reads `nats://HOST[:PORT]` or `tls://HOST[:PORT]`, several with commas between them. Throws ``ApolloError`` of kind `invalid`,
    /// also for a server beyond loopback without TLS, and for a user or a password: those belong in files.
    public init(parsing text: String) throws(ApolloError) {
        var servers: [Server] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            servers.append(try Self.server(part))
        }
        self.init(servers: servers)
    }

    private static func server(_ text: Substring) throws(ApolloError) -> Server {
        let hint = "write nats://127.0.0.1:4222, or tls://nats.example:4222; several with commas between them"
        func fault(_ message: String) -> ApolloError { ApolloError(.invalid, message, hint: hint) }
        guard let colon = text.firstRange(of: "://") else { throw fault("'\(text)' is no address of NATS") }
        let scheme = text[..<colon.lowerBound]
        guard scheme == "nats" || scheme == "tls" else {
            throw fault("'\(scheme)' is no way to a NATS server: there are nats and tls")
        }
        var rest = text[colon.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        if rest.contains("@") {
            throw ApolloError(
                .invalid, "an address of NATS holds no user and no password",
                hint: "put a token into bus.token.file, or credentials into bus.credentials.file")
        }
        var host = rest
        var port = defaultPort
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
        } else if let colon = rest.lastIndex(of: ":") {
            (host, rest) = (rest[..<colon], rest[colon...])
        } else {
            rest = ""
        }
        if !rest.isEmpty {
            guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 else {
                throw fault("'\(text)' has no port that can be")
            }
            port = number
        }
        let isHost = host.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        guard !host.isEmpty, host.utf8.count <= 253, isHost else {
            throw fault("'\(text)' has no host that can be")
        }
        let server = Server(host: String(host), port: port, isSecure: scheme == "tls")
        guard server.isSecure || isLoopback(server.host) else {
            throw ApolloError(
                .invalid, "NATS at \(server.host) would be spoken to without TLS",
                hint: "write tls://; without TLS it has to be on this machine")
        }
        return server
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}

extension NATSLocation: CustomStringConvertible {
    public var description: String { servers.map(\.url).joined(separator: ",") }
}

import Configuration
import Core
import EventLoops

/// Where the platform listens, and where its certificate comes from. Beyond loopback there is none without TLS.
struct ListeningEndpoint: Sendable {
    let host: String
    let address: SocketAddress
    let tls: TLSPlan

    init(_ configuration: ResolvedConfiguration) throws {
        try self.init(
            host: configuration[PlatformSettings.httpAddress], port: configuration[PlatformSettings.httpPort],
            tls: try TLSPlan(configuration))
    }

    init(host: String, port: UInt16, tls: TLSPlan) throws {
        self.host = host
        let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        guard let address = SocketAddress(parsing: "\(bracketed):\(port)") else {
            throw ApolloError(
                .invalid, "'\(host)' is not an address to listen on",
                hint: "give an IP address such as 127.0.0.1 or ::1")
        }
        self.address = address
        self.tls = tls
        guard tls != .off || Self.isLoopback(address) else {
            throw ApolloError(
                .invalid,
                "\(host) is reached from other machines, and tokens would cross the network in clear",
                hint:
                    "give --tls own for a certificate of the platform's own authority, or --tls-certificate and --tls-key, or listen on 127.0.0.1"
            )
        }
    }

    var isSecure: Bool { tls != .off }

    /// How programs of this machine reach what is bound: by loopback, where everything is listened on.
    func url(of bound: SocketAddress) -> String {
        var reached = bound
        if case .tcp(let host, let port) = bound {
            if host == "0.0.0.0" { reached = .tcp(host: "127.0.0.1", port: port) }
            if host == "::" { reached = .tcp(host: "::1", port: port) }
        }
        return "\(isSecure ? "https" : "http")://\(reached)"
    }

    /// Whether only this machine reaches it: an address of 127.0.0.0/8, `::1`, `localhost`, or a unix socket.
    static func isLoopback(_ address: SocketAddress) -> Bool {
        switch address {
        case .unix: return true
        case .tcp(let host, _):
            if host == "::1" || host == "localhost" { return true }
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        }
    }
}

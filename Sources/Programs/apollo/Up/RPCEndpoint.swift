import Configuration
import Core
import EventLoops
import RPC

/// Where calls are listened for, with HTTP's TLS. Beyond loopback there is none without.
struct RPCEndpoint: Sendable {
    let address: RPCAddress
    let keepAlive: Duration

    /// Nil where calls are switched off.
    init?(_ configuration: ResolvedConfiguration, beside http: ListeningEndpoint) throws {
        guard configuration[PlatformSettings.rpcEnabled] else { return nil }
        let host = configuration[PlatformSettings.rpcAddress] ?? http.host
        let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        guard let address = SocketAddress(parsing: "\(bracketed):1") else {
            throw ApolloError(
                .invalid, "rpc.address '\(host)' is not an address to listen on",
                hint: "give an IP address such as 127.0.0.1 or ::1")
        }
        guard http.isSecure || ListeningEndpoint.isLoopback(address) else {
            throw ApolloError(
                .invalid,
                "rpc.address \(host) is reached from other machines, and tokens would cross the network in clear",
                hint: "give --tls own for a certificate of the platform's own authority, or leave it out")
        }
        keepAlive = configuration[PlatformSettings.rpcKeepAlive]
        guard keepAlive >= .seconds(1), keepAlive <= .seconds(3600) else {
            throw ApolloError(
                .invalid, "rpc.keepalive is \(keepAlive.short), and has to be a second to an hour",
                hint: "leave it out for 20 s")
        }
        self.address = .tcp(
            host,
            configuration[PlatformSettings.rpcPort]
                ?? Self.port(beside: configuration[PlatformSettings.httpPort]))
    }

    /// Two above HTTP's, so that platforms beside each other need not be told; a free one where HTTP has one.
    private static func port(beside http: UInt16) -> UInt16 {
        http == 0 || http > UInt16.max - 2 ? 0 : http + 2
    }

    /// How programs of this machine reach what is bound: by loopback, where everything is listened on.
    func reached(_ bound: RPCAddress) -> String {
        switch bound {
        case .tcp("0.0.0.0", let port): "127.0.0.1:\(port)"
        case .tcp("::", let port), .tcp("[::]", let port): "[::1]:\(port)"
        default: bound.description
        }
    }
}

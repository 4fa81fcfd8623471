import Configuration
import Core
import EventLoops

/// Where S3 is listened for, with HTTP's TLS. Beyond loopback there is none without.
struct ObjectEndpoint: Sendable {
    let address: SocketAddress
    private let http: ListeningEndpoint

    /// Nil where the store is switched off.
    init?(_ configuration: ResolvedConfiguration, beside http: ListeningEndpoint) throws {
        guard configuration[PlatformSettings.objectsEnabled] else { return nil }
        let host = configuration[PlatformSettings.objectsAddress] ?? http.host
        let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let port =
            configuration[PlatformSettings.objectsPort]
            ?? Self.port(beside: configuration[PlatformSettings.httpPort])
        guard let address = SocketAddress(parsing: "\(bracketed):\(port)") else {
            throw ApolloError(
                .invalid, "objects.address '\(host)' is not an address to listen on",
                hint: "give an IP address such as 127.0.0.1 or ::1")
        }
        guard http.isSecure || ListeningEndpoint.isLoopback(address) else {
            throw ApolloError(
                .invalid,
                "objects.address \(host) is reached from other machines, and objects would cross the network in clear",
                hint: "give --tls own for a certificate of the platform's own authority, or leave it out")
        }
        self.address = address
        self.http = http
    }

    /// One above HTTP's, so that platforms beside each other need not be told; a free one where HTTP has one.
    private static func port(beside http: UInt16) -> UInt16 {
        http == 0 || http == UInt16.max ? 0 : http + 1
    }

    /// How programs of this machine reach what is bound.
    func url(of bound: SocketAddress) -> String { http.url(of: bound) }
}

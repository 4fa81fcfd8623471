import Configuration
import Core
import EventLoops
import TLS

/// Where the platform listens, and with which certificate. Beyond loopback there is none without TLS.
struct ListeningEndpoint: Sendable {
    let address: SocketAddress
    let certificate: TLSCertificate?

    init(_ configuration: ResolvedConfiguration) throws {
        let host = configuration[PlatformSettings.httpAddress]
        let port = configuration[PlatformSettings.httpPort]
        let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        guard let address = SocketAddress(parsing: "\(bracketed):\(port)") else {
            throw ApolloError(
                .invalid, "'\(host)' is not an address to listen on",
                hint: "give an IP address such as 127.0.0.1 or ::1")
        }
        self.address = address
        switch (configuration[PlatformSettings.tlsCertificate], configuration[PlatformSettings.tlsKey]) {
        case (let certificates?, let key?):
            do {
                certificate = try TLSCertificate(
                    TLSContext.Identity(certificates: .file(certificates), key: .file(key)))
            } catch {
                throw ApolloError(error)
            }
        case (nil, nil):
            guard address.isLoopback else {
                throw ApolloError(
                    .invalid,
                    "\(host) is reached from other machines, and tokens would cross the network in clear",
                    hint: "give --tls-certificate and --tls-key, or listen on 127.0.0.1")
            }
            certificate = nil
        case (_?, nil):
            throw ApolloError(.invalid, "http.tls.certificate needs http.tls.key", hint: "give both, or none")
        case (nil, _?):
            throw ApolloError(.invalid, "http.tls.key needs http.tls.certificate", hint: "give both, or none")
        }
    }

    func url(of bound: SocketAddress) -> String { "\(certificate == nil ? "http" : "https")://\(bound)" }
}

extension SocketAddress {
    /// Whether only this machine reaches it: an address of 127.0.0.0/8, `::1`, `localhost`, or a unix socket.
    fileprivate var isLoopback: Bool {
        switch self {
        case .unix: return true
        case .tcp(let host, _):
            if host == "::1" || host == "localhost" { return true }
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        }
    }
}

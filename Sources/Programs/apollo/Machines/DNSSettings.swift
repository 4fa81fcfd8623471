import Configuration
import Core
import DNSModel
import DNSServers
import Glibc
import Networking
import Synchronization

/// What the settings say of DNS.
struct DNSSettings: Sendable {
    let addresses: [NetworkAddress]
    let timeToLive: UInt32
    let forward: Forward

    enum Forward: Hashable, Sendable {
        case off
        /// Those of the machine.
        case system
        case servers([NetworkAddress])
    }

    /// Nil where it is not asked for.
    init?(_ configuration: ResolvedConfiguration) throws {
        guard let listen = configuration[PlatformSettings.dnsListen] else { return nil }
        addresses = try Self.list(listen).map { text in
            guard let address = NetworkAddress(parsing: text), let number = IPAddress(address.host) else {
                throw ApolloError(
                    .invalid, "dns.listen: '\(text)' is no IP address and port",
                    hint: "for example 127.0.0.1:7075")
            }
            guard !number.isUnspecified else {
                throw ApolloError(
                    .invalid,
                    "dns.listen: an answer from \(text) could come from another address than was asked",
                    hint: "name the addresses of the machine one by one, such as 127.0.0.1:53,10.0.0.2:53")
            }
            return address
        }
        let duration = configuration[PlatformSettings.dnsTimeToLive]
        guard duration >= .zero, duration <= .seconds(3600) else {
            throw ApolloError(
                .invalid, "dns.ttl is \(duration.short), and has to be up to an hour",
                hint: "leave it out for 2 s")
        }
        timeToLive = UInt32(duration.inSeconds)
        forward = try Self.forward(configuration[PlatformSettings.dnsForward])
    }

    private static func forward(_ text: String) throws -> Forward {
        switch text {
        case "off": return .off
        case "system": return .system
        default:
            return .servers(
                try list(text).map { text in
                    if IPAddress(text) != nil { return NetworkAddress(host: text, port: 53) }
                    if let address = NetworkAddress(parsing: text), IPAddress(address.host) != nil {
                        return address
                    }
                    throw ApolloError(
                        .invalid, "dns.forward: '\(text)' is no IP address",
                        hint: "give system, off, or addresses such as 10.0.0.53")
                })
        }
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// The resolvers that containers get.
    static func resolversOfContainers(_ configuration: ResolvedConfiguration) throws -> [String] {
        try list(configuration[PlatformSettings.dockerDNS] ?? "").map { text in
            guard IPAddress(text) != nil else {
                throw ApolloError(
                    .invalid, "docker.dns: '\(text)' is no IP address",
                    hint: "give the address alone, such as 172.17.0.1: the port is always 53")
            }
            return text
        }
    }
}

/// The resolvers of the machine, looked up again now and then: networks change.
final class SystemResolvers: Sendable {
    private struct State {
        var servers: [NetworkAddress] = []
        var readAt: MonotonicInstant?
    }

    private let state = Mutex(State())
    private let clock: any MonotonicClock
    private let own: [NetworkAddress]
    private static let path = "/etc/resolv.conf"
    private static let age = Duration.seconds(5)

    /// - Parameter own: where we listen ourselves: who asks us must not be asked.
    init(clock: any MonotonicClock, own: [NetworkAddress]) {
        self.clock = clock
        self.own = own
    }

    var servers: [NetworkAddress] {
        let now = clock.now
        return state.withLock { state in
            if let readAt = state.readAt, readAt.duration(to: now) < Self.age { return state.servers }
            state.readAt = now
            // A file that cannot be read names nobody: questions about other names then fail.
            let text = (try? PrivateFile.read(Self.path, upTo: 1 << 16)) ?? nil
            state.servers = ResolverFile.servers(in: text ?? "").filter { !own.contains($0) }
            return state.servers
        }
    }
}

/// Where tasks of this machine are reached.
enum NodeAddress {
    /// What the settings say; nil where they say nothing.
    static func given(_ configuration: ResolvedConfiguration) throws -> String? {
        guard let text = configuration[PlatformSettings.nodeAddress] else { return nil }
        guard let address = IPAddress(text), !address.isUnspecified else {
            throw ApolloError(
                .invalid, "node.address: '\(text)' is no IP address of a machine",
                hint: "for example 10.0.0.2")
        }
        return text
    }

    /// Of a platform in one process: also where it listens, else loopback.
    static func own(_ configuration: ResolvedConfiguration) throws -> String {
        if let given = try given(configuration) { return given }
        let http = configuration[PlatformSettings.httpAddress]
        return IPAddress(http).map { !$0.isUnspecified } ?? false ? http : "127.0.0.1"
    }
}

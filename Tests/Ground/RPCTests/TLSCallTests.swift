import Certificates
import Concurrency
import Core
import Glibc
import Identity
import RPC
import RPCModel
import Synchronization
import TLS
import Testing

/// An authority with a certificate for a server and one for a client.
private struct Party {
    let authority: CertificateAuthority

    init() throws {
        authority = try CertificateAuthority.make(cluster: "test", at: Environment.live.wallClock.now)
    }

    var trust: PEMSource { get throws { .text(try authority.certificate.pem()) } }

    func identity(_ name: String, _ usage: CertificateUsage) throws -> (certificate: String, key: String) {
        let key = try PrivateKey.generate()
        let terms = CertificateTerms(
            try Principal(.node, realm: "local", name: name), usages: [usage], names: [.host("localhost")])
        let certificate = try authority.issue(
            SigningRequest.make(for: key), terms, at: Environment.live.wallClock.now)
        return (try certificate.pem(), String(decoding: try key.pem(), as: UTF8.self))
    }

    func shown(_ name: String, _ usage: CertificateUsage) throws -> TLSContext.Identity {
        let identity = try identity(name, usage)
        return TLSContext.Identity(certificates: .text(identity.certificate), key: .text(identity.key))
    }
}

@Suite("Calls with TLS")
struct TLSCallTests {
    private func loopback(
        server: RPCCertificates, client: RPCCertificates, name: String? = "localhost"
    ) throws -> Loopback {
        let certificates = try RPCServerCertificates(server)
        return try Loopback({
            $0.endpoints = [.init(.tcp("127.0.0.1", 0), certificates: certificates)]
        }) {
            $0.certificates = client
            $0.serverName = name
        }
    }

    @Test("a client that trusts the server's authority calls it")
    func serverOnly() async throws {
        let party = try Party()
        let server = RPCCertificates(identity: try party.shown("a", .server))
        let client = RPCCertificates(identity: nil, authorities: try party.trust)
        try await withLoopback(loopback(server: server, client: client)) {
            try await $0.says("nobody", to: "peer")
        }
    }

    @Test("with mutual TLS the handler learns whom the client's certificate names")
    func mutual() async throws {
        let party = try Party()
        let server = RPCCertificates(identity: try party.shown("a", .server), authorities: try party.trust)
        let client = RPCCertificates(identity: try party.shown("b", .client), authorities: try party.trust)
        try await withLoopback(loopback(server: server, client: client)) {
            try await $0.says("apollo://local/node/b", to: "peer")
        }
    }

    @Test("a client without a certificate, or with one of another authority, gets nowhere")
    func foreignClient() async throws {
        let (party, stranger) = (try Party(), try Party())
        let server = RPCCertificates(identity: try party.shown("a", .server), authorities: try party.trust)
        for identity in [nil, try stranger.shown("b", .client)] {
            let client = RPCCertificates(identity: identity, authorities: try party.trust)
            try await withLoopback(loopback(server: server, client: client)) { loopback in
                let error = try await #require(throws: RPCError.self) {
                    try await loopback.channel.call(Echo.say, "x")
                }
                #expect(error.code == .unavailable)
            }
        }
    }

    @Test("a server of another authority, or of another name, is not spoken to")
    func foreignServer() async throws {
        let (party, stranger) = (try Party(), try Party())
        let server = RPCCertificates(identity: try party.shown("a", .server))
        for (trust, name) in [(try stranger.trust, "localhost"), (try party.trust, "elsewhere")] {
            let client = RPCCertificates(identity: nil, authorities: trust)
            try await withLoopback(loopback(server: server, client: client, name: name)) { loopback in
                let error = try await #require(throws: RPCError.self) {
                    try await loopback.channel.call(Echo.say, "x")
                }
                #expect(error.code == .unavailable)
            }
        }
    }

    @Test("a new certificate is shown to new connections, without a restart")
    func rotation() async throws {
        let (first, second) = (try Party(), try Party())
        let path = "/tmp/rpc-\(Environment.live.random.next())"
        defer { for file in [".crt", ".key"] { unlink(path + file) } }
        func write(_ identity: (certificate: String, key: String)) throws {
            for (file, content) in [(".crt", identity.certificate), (".key", identity.key)] {
                let descriptor = open(path + file, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
                #expect(Glibc.write(descriptor, content, content.utf8.count) == content.utf8.count)
                close(descriptor)
            }
        }
        try write(first.identity("a", .server))
        let identity = TLSContext.Identity(certificates: .file(path + ".crt"), key: .file(path + ".key"))
        let certificates = try RPCServerCertificates(RPCCertificates(identity: identity))
        let server = try Loopback({ $0.endpoints = [.init(.tcp("127.0.0.1", 0), certificates: certificates)] }
        )
        func channel(_ party: Party) throws -> RPCChannel {
            var configuration = RPCChannelConfiguration(environment: .live)
            configuration.certificates = RPCCertificates(identity: nil, authorities: try party.trust)
            configuration.serverName = "localhost"
            return try RPCChannel(server.address, configuration: configuration, poller: server.poller)
        }
        let old = try channel(first)
        let before = try await old.call(Echo.say, "before")
        #expect(before == "before")

        try write((certificate: "damaged", key: "damaged"))
        #expect(throws: ApolloError.self) { try certificates.reload() }
        let unharmed = try await channel(first).call(Echo.say, "unharmed")
        #expect(unharmed == "unharmed")

        try write(second.identity("a", .server))
        try certificates.reload()
        let after = try await channel(second).call(Echo.say, "after")
        #expect(after == "after")
        let still = try await old.call(Echo.say, "still")
        #expect(still == "still", "a connection that is there goes on")
        await #expect(throws: RPCError.self) { try await channel(first).call(Echo.say, "x") }
        await server.close()
    }
}

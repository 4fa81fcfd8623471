import CertificateMaking
import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isAvailable, "needs the openssl command to make certificates"))
struct ClientCertificateTests {
    private let certificates = TestCertificates()

    /// What a server that asks sees of a client that shows `identity`.
    private func shown(_ identity: TLSContext.Identity?, _ version: TLSContext.Version) throws -> [UInt8]? {
        let server = certificates.make("server")
        let asking = try TLSContext.server(
            server, clients: .asked(certificates.make("authority").certificates))
        let client = try TLSContext.client(
            authorities: server.certificates, identity: identity, maximum: version)
        var wire = Wire(client: try TLSSession(client, host: "localhost"), server: try TLSSession(asking))
        try wire.shakeHands()
        #expect(try wire.sendToServer([1, 2, 3]) == [1, 2, 3])
        return wire.server.peerCertificate()
    }

    @Test(arguments: [TLSContext.Version.tls12, .tls13])
    func `a client may show a certificate, whoever signed it, or none`(version: TLSContext.Version) throws {
        #expect(try shown(nil, version) == nil)
        let der = try #require(try shown(certificates.make("anybody"), version))
        #expect(der.first == 0x30 && der.count > 200)
    }

    @Test func `a certificate is replaced for those who come later, and a broken one is not taken`() throws {
        let (a, b) = (certificates.make("a"), certificates.make("b"))
        let certificate = try TLSCertificate(a)
        let old = certificate.current
        let broken = TLSContext.Identity(certificates: a.certificates, key: b.key)
        #expect(throws: TLSError.self) { try certificate.replace(broken, clients: .notAsked) }
        #expect(certificate.current === old)
        try certificate.replace(b, clients: .notAsked)
        #expect(certificate.current !== old)
        // A client that trusts the new one alone is served, and the old one's sessions go on with what they have.
        let client = try TLSContext.client(authorities: b.certificates)
        var wire = Wire(
            client: try TLSSession(client, host: "localhost"), server: try TLSSession(certificate.current))
        try wire.shakeHands()
    }
}

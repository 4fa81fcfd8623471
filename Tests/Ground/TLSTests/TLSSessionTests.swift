import CertificateMaking
import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isAvailable, "needs the openssl command to make certificates"))
struct TLSSessionTests {
    private let certificates = TestCertificates()

    private func pair(
        _ identity: TLSContext.Identity, host: String = "localhost", maximum: TLSContext.Version = .tls13,
        room: Int = 1 << 15
    ) throws -> Wire {
        let server = try TLSContext.server(identity)
        let client = try TLSContext.client(authorities: identity.certificates, maximum: maximum)
        return Wire(
            client: try TLSSession(client, host: host), server: try TLSSession(server), room: room)
    }

    @Test(arguments: [(TLSContext.Version.tls12, "TLSv1.2"), (.tls13, "TLSv1.3")])
    func `both versions carry bytes both ways`(maximum: TLSContext.Version, name: String) throws {
        var wire = try pair(certificates.make("both"), maximum: maximum)
        try wire.shakeHands()
        #expect(wire.client.version == name)
        #expect(wire.server.version == name)
        #expect(wire.server.applicationProtocol == "http/1.1")
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try wire.sendToServer(bytes) == bytes)
        #expect(try wire.sendToClient(bytes) == bytes)
    }

    @Test func `an RSA key and an address for a host do as well`() throws {
        var wire = try pair(certificates.make("rsa", key: ["-newkey", "rsa:2048"]), host: "127.0.0.1")
        try wire.shakeHands()
        #expect(try wire.sendToServer([1, 2, 3]) == [1, 2, 3])
    }

    @Test func `bytes may come and go one at a time`() throws {
        var wire = try pair(certificates.make("slow"), room: 1)
        try wire.shakeHands()
        #expect(try wire.sendToServer(Array("hello".utf8)) == Array("hello".utf8))
        #expect(try wire.sendToClient(Array("hello".utf8)) == Array("hello".utf8))
    }

    @Test func `a server that nobody vouches for is refused, and the error says why`() throws {
        let server = try TLSContext.server(certificates.make("unknown"))
        let client = try TLSContext.client(authorities: certificates.make("other").certificates)
        var wire = Wire(client: try TLSSession(client, host: "localhost"), server: try TLSSession(server))
        do throws(TLSError) {
            try wire.shakeHands()
            Issue.record("it was trusted")
        } catch {
            #expect(error.description.contains("certificate verify failed: self-signed certificate"))
        }
    }

    @Test func `a server of another name is refused`() throws {
        var wire = try pair(certificates.make("name"), host: "example.org")
        #expect(throws: TLSError.self) { try wire.shakeHands() }
    }

    @Test func `clients must show a certificate where the server asks for one`() throws {
        let identity = certificates.make("mutual")
        let server = try TLSContext.server(identity, clientAuthorities: identity.certificates)
        let known = try TLSContext.client(authorities: identity.certificates, identity: identity)
        var good = Wire(client: try TLSSession(known, host: "localhost"), server: try TLSSession(server))
        try good.shakeHands()
        #expect(try good.sendToServer([1]) == [1])

        let stranger = try TLSContext.client(authorities: identity.certificates)
        var bad = Wire(client: try TLSSession(stranger, host: "localhost"), server: try TLSSession(server))
        #expect(throws: TLSError.self) {
            try bad.shakeHands()
            _ = try bad.sendToServer([1])
        }
    }

    @Test func `a client that speaks no protocol of ours is refused`() throws {
        let identity = certificates.make("alpn")
        let client = try TLSContext.client(authorities: identity.certificates, protocols: ["h2"])
        var wire = Wire(
            client: try TLSSession(client, host: "localhost"),
            server: try TLSSession(try TLSContext.server(identity)))
        #expect(throws: TLSError.self) { try wire.shakeHands() }
    }

    @Test func `plain text is no handshake`() throws {
        var server = try TLSSession(try TLSContext.server(certificates.make("plain")))
        var output = [UInt8](repeating: 0, count: 1000)
        let input = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        do throws(TLSError) {
            var span = output.mutableSpan
            var room = span.mutableBytes
            _ = try server.handshake(input.span.bytes, output: &room)
            Issue.record("it passed")
        } catch {
            #expect(error == .handshake("http request"))
        }
    }

    @Test func `a damaged record breaks the connection`() throws {
        var wire = try pair(certificates.make("damage"))
        try wire.shakeHands()
        var record = try wire.sealByClient([1, 2, 3])
        record[record.count - 1] ^= 1
        #expect(throws: TLSError.self) { try wire.openByServer(record) }
    }

    @Test func `the end is told from a cut`() throws {
        var wire = try pair(certificates.make("end"))
        try wire.shakeHands()
        var output = [UInt8](repeating: 0, count: 100)
        var span = output.mutableSpan
        var room = span.mutableBytes
        let step = wire.client.close(output: &room)
        #expect(step.produced > 0)
        #expect(try wire.openByServer(Array(output[..<step.produced])).isFinished)
    }

    @Test func `a certificate is replaced while it is in use, and a broken one is not`() throws {
        let first = certificates.make("first")
        let second = certificates.make("second")
        let live = certificates.make("live")
        try copy(first, over: live)
        let certificate = try TLSCertificate(live)
        #expect(accepts(certificate, first))
        try copy(second, over: live)
        #expect(accepts(certificate, first))
        try certificate.reload()
        #expect(accepts(certificate, second))
        #expect(!accepts(certificate, first))
        try write("nonsense", to: live.certificates)
        #expect(throws: TLSError.self) { try certificate.reload() }
        #expect(accepts(certificate, second))
    }

    private func accepts(_ certificate: TLSCertificate, _ identity: TLSContext.Identity) -> Bool {
        do {
            let client = try TLSContext.client(authorities: identity.certificates)
            var wire = Wire(
                client: try TLSSession(client, host: "localhost"), server: try TLSSession(certificate.current)
            )
            try wire.shakeHands()
            return true
        } catch {
            return false
        }
    }
}

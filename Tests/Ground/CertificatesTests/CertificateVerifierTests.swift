import Certificates
import Core
import Cryptography
import Identity
import Testing

struct CertificateVerifierTests {
    let now = Timestamp(parsing: "2026-11-26T12:00:00Z")!
    let authority: CertificateAuthority
    let node: Principal

    init() throws {
        authority = try CertificateAuthority.make(cluster: "local", at: now)
        node = try Principal(.node, realm: "local", name: "worker-1")
    }

    private func certificate(
        _ usages: Set<CertificateUsage> = [.client], by authority: CertificateAuthority? = nil
    ) throws -> Certificate {
        try (authority ?? self.authority).issue(
            SigningRequest.make(for: .generate()), CertificateTerms(node, usages: usages), at: now)
    }

    private func fault(
        _ chain: [Certificate], _ usage: CertificateUsage = .client, after: Duration = .zero,
        revoked: Set<String> = []
    ) -> CertificateFault? {
        let verifier = CertificateVerifier(authorities: [authority.certificate], revoked: revoked)
        do throws(CertificateFault) {
            _ = try verifier.verify(chain, for: usage, at: now.advanced(by: after))
            return nil
        } catch {
            return error
        }
    }

    @Test("A certificate of the authority names its principal")
    func accepted() throws {
        let verifier = CertificateVerifier(authorities: [authority.certificate])
        #expect(try verifier.verify([certificate()], for: .client, at: now) == node)
    }

    @Test("A clock that is hours behind is borne, one that is two days behind is named")
    func skew() throws {
        let shown = try certificate()
        #expect(fault([shown], after: .seconds(-82_800)) == nil)
        let late = fault([shown], after: .seconds(-172_800))
        #expect("\(late!)".contains("one of the clocks is wrong"))
        #expect("\(late!)".contains("86400 s from now"))
    }

    @Test("An expired certificate says when it expired")
    func expired() throws {
        let shown = try certificate()
        let fault = fault([shown], after: .seconds(31 * 86400))
        #expect(fault == .expired(at: shown.notAfter, now: now.advanced(by: .seconds(31 * 86400))))
    }

    @Test(
        "A certificate of another authority is told, of the same name or not, and with its authority beside it"
    )
    func foreign() throws {
        let other = try CertificateAuthority.make(cluster: "local", at: now)
        let shown = try certificate(by: other)
        let wanted = CertificateFault.otherAuthority(issuer: other.certificate.subject)
        #expect(fault([shown]) == wanted)
        #expect(fault([shown, other.certificate]) == wanted)
        #expect(fault([other.certificate]) == wanted)
    }

    @Test("A client's certificate is none for a server, nor the other way round")
    func usages() throws {
        #expect(fault([try certificate([.client])], .server) == .wrongUsage(.server))
        #expect(fault([try certificate([.server])], .client) == .wrongUsage(.client))
    }

    @Test("The authority's own certificate is nobody's, and signs no other authority")
    func authorityItself() throws {
        #expect(fault([authority.certificate]) != nil)
        #expect(fault([]) == .missing)
    }

    @Test("A revoked certificate is refused by its serial")
    func revoked() throws {
        let shown = try certificate()
        #expect(fault([shown], revoked: [shown.serial]) == .revoked(serial: shown.serial))
        #expect(fault([shown], revoked: ["00"]) == nil)
    }

    @Test("While an authority is replaced, certificates of both are taken")
    func rotation() throws {
        let old = try certificate()
        let next = try CertificateAuthority.make(cluster: "local", at: now)
        let new = try certificate(by: next)
        let verifier = CertificateVerifier(authorities: [next.certificate, authority.certificate])
        for shown in [old, new] { #expect(try verifier.verify([shown], for: .client, at: now) == node) }
    }

    @Test("Damaged texts, empty ones and too many certificates are refused")
    func damaged() throws {
        let text = try certificate().pem()
        #expect(try Certificate.chain(pem: Array((text + text).utf8)).count == 2)
        let broken = text.replacing("MII", with: "MIX", maxReplacements: 1)
        for bad in ["", "x", broken, String(repeating: text, count: 33), String(text.prefix(200))] {
            #expect(throws: CertificateError.self) { try Certificate.chain(pem: Array(bad.utf8)) }
        }
    }

    @Test("A certificate whose time is none is refused")
    func damagedTime() throws {
        var der = try certificate().der
        // The times of RFC 5280 are UTCTime: tag 23, 13 bytes.
        let start = try #require(der.indices.first { der[$0] == 23 && der[$0 + 1] == 13 })
        der[start + 5] = UInt8(ascii: "x")
        let text = Base64URL.encode(der).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        var lines = "-----BEGIN CERTIFICATE-----\n"
        var rest = Substring(text + padding)
        while !rest.isEmpty {
            lines += "\(rest.prefix(64))\n"
            rest = rest.dropFirst(64)
        }
        let pem = Array("\(lines)-----END CERTIFICATE-----\n".utf8)
        #expect(throws: CertificateError.self) { try Certificate.chain(pem: pem) }
    }

    @Test(
        "Only a whole URI of ours is a principal",
        arguments: [
            "apollo://local/node/", "apollo://local/node", "apollo://local/node/a/b", "apollo://local/king/a",
            "http://local/node/a", "apollo://../node/a", "apollo://local/node/..",
        ])
    func identities(text: String) {
        #expect(Principal(certificateURI: text) == nil)
    }

    @Test("A principal survives its URI")
    func identity() {
        #expect(Principal(certificateURI: node.certificateURI) == node)
    }

    @Test("Names are hosts or addresses")
    func names() {
        #expect(AlternativeName(parsing: "Host.Example") == .host("host.example"))
        #expect(AlternativeName(parsing: "127.0.0.1") == .address([127, 0, 0, 1]))
        #expect(AlternativeName(parsing: "::1").map { "\($0)" } == "::1")
        for bad in ["", "a b", "-a", "a..b", "*", "*.x", "a/b", "a\0b"] {
            #expect(AlternativeName(parsing: bad) == nil)
        }
    }
}

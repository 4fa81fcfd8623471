import Certificates
import Concurrency
import Core
import Identity
import Testing

struct CertificateRenewalTests {
    private let now = LiveWallClock().now
    private let authority: CertificateAuthority
    private let certificate: Certificate

    init() throws {
        authority = try CertificateAuthority.make(cluster: "local", at: now)
        certificate = try authority.issue(
            .make(for: .generate()),
            CertificateTerms(
                Principal(.service, realm: "local", name: "http"), usages: [.server],
                names: [.host("apollo.example"), .address([10, 0, 0, 1])]), at: now)
    }

    private func reason(
        _ names: [AlternativeName] = [], signedBy signer: CertificateAuthority? = nil, after days: Int64 = 0
    ) -> CertificateRenewal.Reason? {
        CertificateRenewal.reason(
            for: certificate, signedBy: signer?.certificate, names: names,
            at: now.advanced(by: .seconds(days * 86400)))
    }

    @Test("A certificate is left alone for two thirds of its time, then due, then expired")
    func times() {
        #expect(CertificateRenewal.reason(for: nil, at: now) == .missing)
        #expect(reason() == nil)
        #expect(reason(after: 19) == nil)
        #expect(reason(after: 21) == .due(since: certificate.renewsAt))
        #expect(reason(after: 31) == .expired(at: certificate.notAfter))
        #expect(reason(after: -2) == .notYetValid(from: certificate.notBefore))
    }

    @Test("One of an authority that was replaced is due at once, and so is one without a name that is needed")
    func authorityAndNames() throws {
        #expect(reason(signedBy: authority) == nil)
        let next = try CertificateAuthority.make(cluster: "local", at: now)
        #expect(reason(signedBy: next) == .authority)
        #expect(reason([.host("apollo.example"), .address([10, 0, 0, 1])], signedBy: authority) == nil)
        #expect(reason([.host("apollo.example"), .host("other")]) == .names([.host("other")]))
    }

    @Test("The next look is when it is due, but never far away")
    func pause() {
        let day = Duration.seconds(86400)
        #expect(CertificateRenewal.pause(for: nil, upTo: day, at: now) == day)
        #expect(CertificateRenewal.pause(for: certificate, upTo: day, at: now) == day)
        let close = certificate.renewsAt.advanced(by: .seconds(-60))
        #expect(CertificateRenewal.pause(for: certificate, upTo: day, at: close) == .seconds(60))
        let late = certificate.renewsAt.advanced(by: .seconds(60))
        #expect(CertificateRenewal.pause(for: certificate, upTo: day, at: late) == day)
    }

    @Test("What is read back from DER is the same, and what is damaged is refused")
    func der() throws {
        #expect(try Certificate(der: certificate.der) == certificate)
        #expect(throws: CertificateError.self) { try Certificate(der: []) }
        #expect(throws: CertificateError.self) { try Certificate(der: Array(certificate.der.dropLast())) }
    }
}

import CertificateMaking
import Glibc
import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isAvailable, "needs the openssl command to make certificates"))
struct TLSContextTests {
    private let certificates = TestCertificates()

    private func reason(_ identity: TLSContext.Identity) -> String {
        do {
            _ = try TLSContext.server(identity)
            return "it was taken"
        } catch {
            return error.description
        }
    }

    @Test func `a file that is missing is named`() {
        let identity = certificates.identity("nothing")
        #expect(
            reason(identity)
                == "cannot open the certificate '\(certificates.directory)/nothing.pem': No such file or directory"
        )
    }

    @Test func `a key of another certificate is refused`() {
        let a = certificates.make("a")
        let b = certificates.make("b")
        let mixed = TLSContext.Identity(certificates: a.certificates, key: b.key)
        #expect(reason(mixed).contains("does not belong to"))
    }

    @Test func `text that is no PEM is refused`() {
        let a = certificates.make("a")
        #expect(
            reason(TLSContext.Identity(certificates: .text("nonsense"), key: a.key))
                == "the certificate holds no certificate in PEM form")
        #expect(
            reason(TLSContext.Identity(certificates: a.certificates, key: .text(""))).contains(
                "is not a private key"))
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        #expect(
            reason(TLSContext.Identity(certificates: .text(damaged), key: a.key)).contains("is damaged"))
    }

    @Test func `a context can be made of text`() throws {
        let a = certificates.make("a")
        let identity = TLSContext.Identity(
            certificates: .text(try read(a.certificates)), key: .text(try read(a.key)))
        _ = try TLSContext.server(identity)
    }
}

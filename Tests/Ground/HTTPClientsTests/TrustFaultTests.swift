import HTTPClients
import Testing

struct TrustFaultTests {
    private func fault(_ reason: String) -> TrustFault? {
        HTTPClientError.tls(peer: "example", reason: reason).trustFault
    }

    @Test func `libcurl's words for a certificate are told apart`() {
        let problem = "SSL certificate problem: "
        #expect(fault(problem + "certificate has expired") == .expired)
        #expect(fault(problem + "certificate is not yet valid") == .notYetValid)
        for reason in [
            "self-signed certificate", "self-signed certificate in certificate chain",
            "unable to get local issuer certificate", "unable to verify the first certificate",
        ] { #expect(fault(problem + reason) == .unknownAuthority) }
        let name = "SSL: no alternative certificate subject name matches target host name 'a'"
        #expect(fault(name) == .otherName)
        #expect(fault("cannot read '/x': no such file or directory") == nil)
        #expect(HTTPClientError.closed.trustFault == nil)
    }
}

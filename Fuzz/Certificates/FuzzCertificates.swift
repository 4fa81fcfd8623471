import Certificates
import Core
import Identity
import KeyRings

/// Feeds bytes to what reads keys, tokens and certificates of others: whatever they are, they are read or refused; and
/// what is read is written and read back the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCertificates(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    if let token = JoinToken(parsing: text) {
        precondition(JoinToken(parsing: token.text) == token && token.text == text)
    }
    if let key = MasterKey(parsing: text) { precondition(key.text == text) }
    // That it is refused is fine; why is for the tests.
    if let keys = try? MasterKeys(parsing: text, from: "the input") { precondition(!keys.all.isEmpty) }
    if let principal = Principal(certificateURI: text) { precondition(principal.certificateURI == text) }
    checkCertificates(bytes)
    checkRequest(bytes)
    return 0
}

private func checkCertificates(_ bytes: [UInt8]) {
    // That it is refused is fine; why is for the tests.
    guard let chain = try? Certificate.chain(pem: bytes) else { return }
    let verifier = CertificateVerifier(authorities: chain)
    for certificate in chain {
        // That it is refused is fine; why is for the tests.
        let written = try? Certificate.chain(pem: Array(certificate.pem().utf8))
        precondition(written == [certificate], "a certificate is read back as another")
        precondition(certificate.renewsAt >= min(certificate.notBefore, certificate.notAfter))
        do throws(CertificateFault) {
            _ = try verifier.verify(chain, for: .client, at: certificate.notBefore)
        } catch {
            precondition(!"\(error)".isEmpty && !error.hint.isEmpty)
        }
    }
}

private func checkRequest(_ bytes: [UInt8]) {
    // That it is refused is fine; why is for the tests.
    guard let request = try? SigningRequest(pem: bytes) else { return }
    // That it is refused is fine; why is for the tests.
    let written = try? SigningRequest(pem: Array(request.pem().utf8))
    precondition(written?.der == request.der, "a request is read back as another")
}

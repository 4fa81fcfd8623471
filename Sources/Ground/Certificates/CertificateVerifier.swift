import CX509
public import Core
public import Identity

/// Decides whether a certificate that was shown is to be believed.
public struct CertificateVerifier: Sendable {
    /// The authorities that are trusted.
    public var authorities: [Certificate]
    /// The serials of certificates that were called back.
    public var revoked: Set<String>

    public init(authorities: [Certificate], revoked: Set<String> = []) {
        self.authorities = authorities
        self.revoked = revoked
    }

    /// Whom the first certificate of `chain` is for, if it can be used as `usage` at the time `now`. Those after it may
    /// lead to an authority.
    public func verify(
        _ chain: [Certificate], for usage: CertificateUsage, at now: Timestamp
    ) throws(CertificateFault) -> Principal {
        guard let certificate = chain.first else { throw .missing }
        try check(certificate, chain.dropFirst(), usage, now)
        guard !revoked.contains(certificate.serial) else { throw .revoked(serial: certificate.serial) }
        guard let principal = certificate.principal else { throw .nobody(subject: certificate.subject) }
        return principal
    }

    private func check(
        _ certificate: Certificate, _ between: ArraySlice<Certificate>, _ usage: CertificateUsage,
        _ now: Timestamp
    ) throws(CertificateFault) {
        var fault: OpaquePointer?
        let anchors = authorities.map { Optional($0.handle.pointer) }
        let others = between.map { Optional($0.handle.pointer) }
        let result = withExtendedLifetime((self, certificate, between)) {
            capollo_x509_verify(
                certificate.handle.pointer, anchors, Int32(anchors.count), others, Int32(others.count),
                usage == .server ? 1 : 0, now.microseconds / 1_000_000, &fault)
        }
        LibraryErrors.clear()
        // One further up may be at fault; where its times cannot be read, those of the one shown are told.
        let culprit = fault.flatMap { try? Certificate(taking: $0) } ?? certificate
        switch result {
        case X509_V_OK: return
        case X509_V_ERR_CERT_HAS_EXPIRED: throw .expired(at: culprit.notAfter, now: now)
        case X509_V_ERR_CERT_NOT_YET_VALID: throw .notYetValid(from: culprit.notBefore, now: now)
        case X509_V_ERR_INVALID_PURPOSE: throw .wrongUsage(usage)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            throw .otherAuthority(issuer: certificate.issuer)
        default:
            let reason = X509_verify_cert_error_string(Int(result)).map { String(cString: $0) }
            throw .refused(reason ?? "error \(result)")
        }
    }
}

import CX509
public import Core

/// Decides when the owner of a certificate needs the next one.
public enum CertificateRenewal {
    /// Why a new one is needed.
    public enum Reason: Hashable, Sendable {
        case missing
        /// Two thirds of its time are over.
        case due(since: Timestamp)
        case expired(at: Timestamp)
        /// It is dated later than now: a clock was wrong then, or is now.
        case notYetValid(from: Timestamp)
        /// Another authority signs by now.
        case authority
        /// It does not bear these names, by which its owner is reached.
        case names([AlternativeName])
    }

    /// Why `certificate` needs to be replaced at the time `now`; nil where it is good.
    ///
    /// - Parameters:
    ///   - authority: who signs now; nil where that is not known, and does not matter.
    ///   - names: what it has to bear.
    public static func reason(
        for certificate: Certificate?, signedBy authority: Certificate? = nil, names: [AlternativeName] = [],
        at now: Timestamp
    ) -> Reason? {
        guard let certificate else { return .missing }
        if now >= certificate.notAfter { return .expired(at: certificate.notAfter) }
        if now < certificate.notBefore { return .notYetValid(from: certificate.notBefore) }
        if let authority, !certificate.isSigned(by: authority) { return .authority }
        let missing = names.filter { !certificate.names.contains($0) }
        if !missing.isEmpty { return .names(missing) }
        return now >= certificate.renewsAt ? .due(since: certificate.renewsAt) : nil
    }

    /// How long to wait before the next look: until it is due, but `interval` at most, for clocks are set and authorities change.
    public static func pause(
        for certificate: Certificate?, upTo interval: Duration, at now: Timestamp
    ) -> Duration {
        guard let certificate, now < certificate.renewsAt else { return interval }
        return min(interval, now.duration(to: certificate.renewsAt))
    }
}

extension CertificateRenewal.Reason: CustomStringConvertible {
    /// The end of "it is renewed: …".
    public var description: String {
        switch self {
        case .missing: "there is none yet"
        case .due(let since): "two thirds of its time were over at \(since)"
        case .expired(let at): "it expired at \(at)"
        case .notYetValid(let from): "it is dated \(from), which is later than now: a clock is or was wrong"
        case .authority: "another authority signs by now"
        case .names(let names):
            "it does not bear \(names.map { $0.description.printable }.joined(separator: ", "))"
        }
    }
}

extension Certificate {
    /// Whether `authority` signed it; its times are not looked at.
    public func isSigned(by authority: Certificate) -> Bool {
        defer { LibraryErrors.clear() }
        guard let key = X509_get_pubkey(authority.handle.pointer) else { return false }
        defer { EVP_PKEY_free(key) }
        return X509_verify(handle.pointer, key) == 1
    }
}

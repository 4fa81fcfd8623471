public import Core

/// Why a certificate is not believed.
public enum CertificateFault: Error, Hashable, Sendable {
    /// None was shown.
    case missing
    case expired(at: Timestamp, now: Timestamp)
    case notYetValid(from: Timestamp, now: Timestamp)
    /// Somebody else signed it.
    case otherAuthority(issuer: String)
    /// It may not be used as this.
    case wrongUsage(CertificateUsage)
    case revoked(serial: String)
    /// It is ours, and names no principal.
    case nobody(subject: String)
    /// Anything else, in OpenSSL's words.
    case refused(String)
}

extension CertificateFault: CustomStringConvertible {
    /// One line.
    public var description: String {
        switch self {
        case .missing: "no certificate was shown"
        case .expired(let at, let now): "the certificate expired at \(at); it is \(now) here"
        case .notYetValid(let from, let now):
            "the certificate is valid from \(from) on, \(now.duration(to: from).seconds) s from now: one of the clocks is wrong"
        case .otherAuthority(let issuer):
            "the certificate is of another authority: '\(issuer.printable)'"
        case .wrongUsage(let usage): "the certificate is not for use as a \(usage.rawValue)"
        case .revoked(let serial): "the certificate \(serial) was revoked"
        case .nobody(let subject): "the certificate of '\(subject.printable)' names nobody that is known"
        case .refused(let reason): "the certificate is refused: \(reason)"
        }
    }

    /// What its bearer can try.
    public var hint: String {
        switch self {
        case .missing, .otherAuthority, .nobody: "join again with 'apollo node join' and a new token"
        case .expired:
            "it cannot be renewed any more: join again with a new token; or set the clock that is wrong, if one is"
        case .revoked: "it cannot be renewed any more: join again with a new token"
        case .notYetValid: "set the clocks of both machines, such as by NTP"
        case .wrongUsage: "ask for one with the usage that is needed"
        case .refused: "make a new one"
        }
    }

    /// The same as everyone's error.
    public var asApolloError: ApolloError { ApolloError(.unauthenticated, description, hint: hint) }
}

extension Duration {
    fileprivate var seconds: Int64 { components.seconds }
}

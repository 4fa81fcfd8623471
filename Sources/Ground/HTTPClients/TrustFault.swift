/// What is wrong with a server's certificate, as far as there is something to do about it.
public enum TrustFault: Hashable, Sendable {
    case expired
    case notYetValid
    /// None of the authorities that are trusted vouches for it.
    case unknownAuthority
    /// It is for other names than the one in the address.
    case otherName

    /// Reads libcurl's words, which are those of OpenSSL (X509_verify_cert_error_string(3)).
    init?(reason: String) {
        func says(_ parts: String...) -> Bool { parts.contains { reason.contains($0) } }
        if says("certificate has expired") {
            self = .expired
        } else if says("certificate is not yet valid") {
            self = .notYetValid
        } else if says("subject name", "does not match") {
            self = .otherName
        } else if says(
            "self-signed", "self signed", "unable to get local issuer", "unable to get issuer",
            "unable to verify the first", "certificate signature failure", "path length constraint")
        {
            self = .unknownAuthority
        } else {
            return nil
        }
    }
}

extension HTTPClientError {
    /// What is wrong with the server's certificate; nil where nothing is, or nothing that is known here.
    public var trustFault: TrustFault? {
        if case .tls(_, let reason) = self { TrustFault(reason: reason) } else { nil }
    }
}

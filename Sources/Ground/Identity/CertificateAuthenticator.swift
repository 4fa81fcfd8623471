public import Core

/// Whom a certificate is for, and until when.
public struct CertifiedPrincipal: Hashable, Sendable {
    public var principal: Principal
    public var expires: Timestamp

    public init(_ principal: Principal, expires: Timestamp) {
        self.principal = principal
        self.expires = expires
    }
}

/// Tells whom a certificate is for that somebody has shown, and proved in TLS to have the key of.
public protocol CertificateAuthenticator: Sendable {
    /// - Parameter certificate: in DER.
    /// - Throws: ``ApolloError`` of kind `unauthenticated` that says why it is not believed.
    func authenticate(certificate: [UInt8], at now: Timestamp) throws(ApolloError) -> CertifiedPrincipal
}

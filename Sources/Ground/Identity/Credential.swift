public import Core
import Cryptography

/// How somebody proved who asks, and what that proof is good for. What is asked of ``AccessControl`` is asked with it, since a
/// token may be worth less than its owner.
public struct Credential: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// The administrator's file on the machine itself.
        case file
        /// What a password was given for.
        case login
        /// What a program was given.
        case personal
        /// A browser's.
        case session
        /// A certificate of the platform's own authority, shown in TLS.
        case certificate
    }

    public let principal: Principal
    public let kind: Kind
    /// The token's; nil for the file's.
    public let token: TokenID?
    public let scope: TokenScope
    /// From when on it is worth nothing; nil for never.
    public let expires: Timestamp?
    let hash: SHA256Digest
    /// The certificate in DER, where that is the proof.
    let certificate: [UInt8]?

    init(_ stored: StoredToken) {
        principal = stored.principal
        kind = stored.kind
        token = stored.id
        scope = stored.scope
        expires = stored.expires
        hash = stored.hash
        certificate = nil
    }

    init(_ certified: CertifiedPrincipal, certificate: [UInt8]) {
        principal = certified.principal
        kind = .certificate
        token = nil
        scope = .everything
        expires = certified.expires
        hash = SHA256.hash(certificate)
        self.certificate = certificate
    }

    /// The credential of the machine's administrator, for work the platform does in that name.
    public static let administrator = Credential(
        StoredToken(hash: SHA256.hash(""), principal: .localAdministrator))

    /// Whether it was proved on the machine itself, by the file that only its owner can read.
    public var isLocalAdministrator: Bool { principal == .localAdministrator }
}

/// Marks the identifiers of tokens.
public enum TokenKind {}
public typealias TokenID = Identifier<TokenKind>

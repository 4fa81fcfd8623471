public import Core
public import Documents

/// An authority that is trusted.
public struct TrustedAuthority: Hashable, Sendable, Codable, SchemaProviding {
    /// The SHA-256 of its certificate, in hexadecimal.
    public var fingerprint: String
    /// In PEM form.
    public var certificate: String
    public var notAfter: Timestamp
    /// Whether it signs; the others are trusted until their certificates are replaced.
    public var isActive: Bool

    public init(fingerprint: String, certificate: String, notAfter: Timestamp, isActive: Bool) {
        self.fingerprint = fingerprint
        self.certificate = certificate
        self.notAfter = notAfter
        self.isActive = isActive
    }

    public static var schema: Schema {
        .object(
            "An authority that is trusted.",
            [
                .required("fingerprint", .string, "The SHA-256 of its certificate, in hexadecimal."),
                .required("certificate", .string, "In PEM form."), .required("notAfter", .string(.timestamp)),
                .required("isActive", .boolean, "Whether it signs."),
            ])
    }
}

/// All authorities that are trusted, the one that signs first.
public struct TrustBundle: Hashable, Sendable, Codable {
    public var items: [TrustedAuthority]

    public init(items: [TrustedAuthority]) { self.items = items }
}

/// A certificate that was issued.
public struct IssuedCertificate: Hashable, Sendable, Codable, SchemaProviding {
    public var serial: String
    /// Whom it is for: `node://local/worker-1`.
    public var principal: String
    public var issuedAt: Timestamp
    public var notAfter: Timestamp
    public var revokedAt: Timestamp?

    public init(
        serial: String, principal: String, issuedAt: Timestamp, notAfter: Timestamp, revokedAt: Timestamp?
    ) {
        self.serial = serial
        self.principal = principal
        self.issuedAt = issuedAt
        self.notAfter = notAfter
        self.revokedAt = revokedAt
    }

    public static var schema: Schema {
        .object(
            "A certificate that was issued.",
            [
                .required("serial", .string), .required("principal", .string),
                .required("issuedAt", .string(.timestamp)), .required("notAfter", .string(.timestamp)),
                .optional("revokedAt", .string(.timestamp)),
            ])
    }
}

/// The certificates that were issued and are not long expired.
public struct IssuedCertificates: Sendable, Codable {
    public var items: [IssuedCertificate]

    public init(items: [IssuedCertificate]) { self.items = items }
}

public import Core
public import Documents

/// What a join token shall be good for.
public struct JoinTokenRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var expires: Double
    public var uses: Int

    public init(expires: Double, uses: Int) {
        self.expires = expires
        self.uses = uses
    }

    public static var schema: Schema {
        .object(
            "What a join token shall be good for.",
            [
                .optional("expires", .seconds(1...31_536_000), default: 3600, "How long it can be used."),
                .optional("uses", .integer(1...10_000), default: 1, "How many machines may join with it."),
            ])
    }
}

/// What is known of a join token; the token itself only where it was just made.
public struct JoinTokenRecord: Hashable, Sendable, Codable, SchemaProviding {
    public var id: String
    public var expiresAt: Timestamp
    /// Joins that are left.
    public var uses: Int
    public var createdAt: Timestamp
    public var createdBy: String
    public var token: String?

    public init(
        id: String, expiresAt: Timestamp, uses: Int, createdAt: Timestamp, createdBy: String,
        token: String? = nil
    ) {
        self.id = id
        self.expiresAt = expiresAt
        self.uses = uses
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.token = token
    }

    public static var schema: Schema {
        .object(
            "What is known of a join token.",
            [
                .required("id", .string(.identifier)), .required("expiresAt", .string(.timestamp)),
                .required("uses", .integer(0...), "Joins that are left."),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
                .optional("token", .string, "The token; told once, when it is made."),
            ])
    }
}

/// All join tokens that can be used.
public struct JoinTokenRecords: Sendable, Codable {
    public var items: [JoinTokenRecord]

    public init(items: [JoinTokenRecord]) { self.items = items }
}

/// A machine that wants to join.
public struct JoinRequest: Sendable, Codable, SchemaProviding {
    public var token: String
    /// What the machine is to be called.
    public var name: String
    /// A request for a certificate (PKCS #10) in PEM form.
    public var request: String

    public init(token: String, name: String, request: String) {
        self.token = token
        self.name = name
        self.request = request
    }

    public static var schema: Schema {
        .object(
            "A machine that wants to join.",
            [
                .required("token", .string(1...256), "A join token."),
                .required("name", .string(.name), "What the machine is to be called."),
                .required(
                    "request", .string(1...65536), "A request for a certificate (PKCS #10) in PEM form."),
            ])
    }
}

/// A machine that wants its next certificate.
public struct RenewRequest: Sendable, Codable, SchemaProviding {
    /// The certificate it has, in PEM form.
    public var certificate: String
    public var request: String
    public var time: Timestamp
    /// By the key of `certificate`, in base 64 for URLs.
    public var signature: String

    public init(certificate: String, request: String, time: Timestamp, signature: String) {
        self.certificate = certificate
        self.request = request
        self.time = time
        self.signature = signature
    }

    public static var schema: Schema {
        .object(
            "A machine that wants its next certificate.",
            [
                .required("certificate", .string(1...65536), "The certificate it has, in PEM form."),
                .required(
                    "request", .string(1...65536), "A request for a certificate (PKCS #10) in PEM form."),
                .required("time", .string(.timestamp), "When it was signed; now, within 5 minutes."),
                .required(
                    "signature", .string(1...4096),
                    "By the certificate's key, in base 64 for URLs: of the lines 'apollo renewal 1', the time, and the SHA-256 of the request's DER in hexadecimal."
                ),
            ])
    }
}

/// A certificate, and whom to trust.
public struct JoinAnswer: Sendable, Codable, SchemaProviding {
    public var principal: String
    /// In PEM form.
    public var certificate: String
    /// The authorities to trust, in PEM form.
    public var authorities: String
    public var notAfter: Timestamp
    /// From when on it should be renewed.
    public var renewsAt: Timestamp

    public init(
        principal: String, certificate: String, authorities: String, notAfter: Timestamp, renewsAt: Timestamp
    ) {
        self.principal = principal
        self.certificate = certificate
        self.authorities = authorities
        self.notAfter = notAfter
        self.renewsAt = renewsAt
    }

    public static var schema: Schema {
        .object(
            "A certificate, and whom to trust.",
            [
                .required("principal", .string), .required("certificate", .string, "In PEM form."),
                .required("authorities", .string, "The authorities to trust, in PEM form."),
                .required("notAfter", .string(.timestamp)),
                .required("renewsAt", .string(.timestamp), "From when on it should be renewed."),
            ])
    }
}

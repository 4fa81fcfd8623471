public import Certificates
public import Core
public import Databases
public import KeyRings

/// The platform's certificate authorities, whose keys are sealed in the database: the newest signs, those before it are
/// trusted until what they signed is replaced.
public struct AuthorityStore: Sendable {
    /// After ``KeyRing/migrations``.
    public static let migrations = Migrations(
        component: "authorities",
        [
            Migration(
                1, "authorities, join tokens, certificates",
                [
                    """
                    CREATE TABLE authorities (
                        id TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL UNIQUE, certificate BYTEA NOT NULL,
                        key_id TEXT NOT NULL REFERENCES sealing_keys (id), sealed BYTEA NOT NULL,
                        created_at BIGINT NOT NULL, trusted_until BIGINT)
                    """,
                    """
                    CREATE TABLE join_tokens (
                        id TEXT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, uses BIGINT NOT NULL,
                        expires_at BIGINT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL)
                    """,
                    """
                    CREATE TABLE certificates (
                        serial_number TEXT NOT NULL PRIMARY KEY, principal TEXT NOT NULL, issued_at BIGINT NOT NULL,
                        not_after BIGINT NOT NULL, revoked_at BIGINT)
                    """,
                    "CREATE INDEX certificates_by_principal ON certificates (principal)",
                ]),
            Migration(
                2, "authorities endorse their successors",
                ["ALTER TABLE authorities ADD COLUMN endorsement BYTEA"]),
        ])

    /// What a rotation of keys seals anew.
    public static let table = SealedTable("authorities", keys: ["id"]) { values in
        if case .text(let id) = values.first { context(id) } else { context("") }
    }

    private static func context(_ id: String) -> SealingContext { SealingContext("authority", id) }

    /// How long an authority that was replaced is still trusted: twice as long as what it signed.
    public static let overlap = CertificateTerms.defaultLifetime * 2

    /// An authority as everybody may know it.
    public struct Trusted: Sendable {
        public var certificate: Certificate
        public var isActive: Bool
        /// The same authority, signed by the one before it; nil for the first.
        public var endorsement: Certificate?
    }

    let database: any Database
    let keys: KeyRing
    let environment: Environment
    /// Told when authorities or certificates have changed.
    public let observers = AuthorityObservers()

    public init(_ database: any Database, keys: KeyRing, environment: Environment) {
        self.database = database
        self.keys = keys
        self.environment = environment
    }

    /// Those to trust now, the one that signs first. Makes the first of all.
    public func trusted() async throws -> [Trusted] {
        let now = environment.wallClock.now
        let found = try await told { try await database.read { try Self.trusted(at: now, $0) } }
        if !found.isEmpty { return found }
        let (keys, environment) = (keys, environment)
        let made = try await told {
            try await database.write { transaction in
                // Another may have been quicker.
                if try Self.trusted(at: now, transaction).isEmpty {
                    try Self.make(keys, environment, transaction)
                }
                return try Self.trusted(at: now, transaction)
            }
        }
        await observers.notify()
        return made
    }

    /// Makes a new authority, which signs from now on; those before it are trusted for the overlap, and the last of them
    /// endorses the new one.
    public func rotate() async throws -> [Trusted] {
        let now = environment.wallClock.now
        let (keys, environment) = (keys, environment)
        let trusted = try await told {
            try await database.write { transaction in
                let last = try Self.endorser(keys, at: now, transaction)
                try transaction.execute(
                    "UPDATE authorities SET trusted_until = ? WHERE trusted_until IS NULL",
                    [DatabaseValue(now.advanced(by: Self.overlap))])
                try transaction.execute(
                    "DELETE FROM authorities WHERE trusted_until <= ?", [DatabaseValue(now)])
                try Self.make(keys, environment, endorsedBy: last, transaction)
                return try Self.trusted(at: now, transaction)
            }
        }
        await observers.notify()
        return trusted
    }

    /// The authority of before, where there is one that can sign. With its key lost a new one is made all the same: that
    /// is when one is needed most.
    private static func endorser(
        _ keys: KeyRing, at now: Timestamp, _ transaction: borrowing Transaction
    ) throws -> CertificateAuthority? {
        guard try !trusted(at: now, transaction).isEmpty else { return nil }
        do { return try signing(keys, transaction) } catch { return nil }
    }

    private static func trusted(at now: Timestamp, _ transaction: borrowing Transaction) throws -> [Trusted] {
        let rows = try transaction.query(
            """
            SELECT certificate, endorsement, trusted_until FROM authorities WHERE trusted_until IS NULL OR trusted_until > ?
            ORDER BY number DESC
            """, [DatabaseValue(now)])
        var all: [Trusted] = []
        for (index, row) in rows.enumerated() {
            let certificate = try certificate(row)
            let endorsement: [UInt8]? = try row.get("endorsement")
            all.append(
                Trusted(
                    certificate: certificate, isActive: index == 0,
                    endorsement: try endorsement.flatMap { try Certificate.chain(pem: $0).first }))
        }
        return all
    }

    private static func certificate(_ row: Row) throws -> Certificate {
        let pem: [UInt8] = try row.get("certificate")
        guard let certificate = try Certificate.chain(pem: pem).first else {
            throw ApolloError(.corrupt, "a stored certificate authority cannot be read")
        }
        return certificate
    }

    private static func make(
        _ keys: KeyRing, _ environment: Environment, endorsedBy last: CertificateAuthority? = nil,
        _ transaction: borrowing Transaction
    ) throws {
        let now = environment.wallClock.now
        let id: Identifier<Never> = environment.identifier()
        let authority = try CertificateAuthority.make(cluster: "local", at: now)
        let sealed = try keys.seal(SecretBytes(authority.key.pem()), context(id.text))
        let endorsement = try last?.endorse(authority.certificate, at: now).pem()
        let number: Int64? = try transaction.first("SELECT MAX(number) AS n FROM authorities")?.get("n")
        try transaction.execute(
            """
            INSERT INTO authorities (id, number, certificate, key_id, sealed, created_at, trusted_until, endorsement)
            VALUES (?, ?, ?, ?, ?, ?, NULL, ?)
            """,
            [
                .text(id.text), .integer((number ?? 0) + 1),
                .blob(Array(try authority.certificate.pem().utf8)),
                DatabaseValue(sealed.key), .blob(sealed.bytes), DatabaseValue(now),
                endorsement.map { .blob(Array($0.utf8)) } ?? .null,
            ])
    }

    /// The authority that signs, with its key, within a transaction.
    static func signing(_ keys: KeyRing, _ transaction: borrowing Transaction) throws -> CertificateAuthority
    {
        let row = try transaction.first(
            "SELECT id, certificate, key_id, sealed FROM authorities ORDER BY number DESC LIMIT 1")
        guard let row else {
            throw ApolloError(
                .unavailable, "there is no certificate authority yet", hint: "see 'apollo ca show'")
        }
        let sealed = Sealed(key: try row.get("key_id"), bytes: try row.get("sealed"))
        let key = try keys.open(sealed, context(try row.get("id")))
        return try CertificateAuthority(certificate: certificate(row), key: PrivateKey(pem: key.bytes))
    }

    /// Runs `body`, whose errors of closed domains become everyone's.
    func told<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw error.asApolloError
        } catch let error as CertificateError {
            throw error.asApolloError
        } catch let error as CertificateFault {
            throw error.asApolloError
        }
    }
}

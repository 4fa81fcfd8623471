public import Core
public import Databases
public import KeyRings
public import SecretMessages

/// The secrets of all projects, sealed, in a database.
public struct SecretStore: Sendable {
    /// After ``KeyRing/migrations``.
    public static let migrations = Migrations(
        component: "secrets",
        [
            Migration(
                1, "secrets",
                [
                    // A row stays when its secret is removed: a version's number never comes again.
                    """
                    CREATE TABLE secrets (
                        organisation TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,
                        revision BIGINT NOT NULL, last_version BIGINT NOT NULL, is_removed BIGINT NOT NULL,
                        created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL,
                        PRIMARY KEY (organisation, project, name))
                    """,
                    """
                    CREATE TABLE secret_versions (
                        organisation TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,
                        version BIGINT NOT NULL, key_id TEXT NOT NULL REFERENCES sealing_keys (id),
                        sealed BYTEA NOT NULL, size BIGINT NOT NULL, created_at BIGINT NOT NULL,
                        created_by TEXT NOT NULL, PRIMARY KEY (organisation, project, name, version))
                    """,
                    "CREATE INDEX secret_versions_by_key ON secret_versions (key_id)",
                ])
        ])

    /// What a rotation of keys seals anew.
    public static let table = SealedTable(
        "secret_versions", keys: ["organisation", "project", "name", "version"]
    ) { values in
        SealingContext(
            ["secret"]
                + values.map { value in
                    switch value {
                    case .text(let text): text
                    case .integer(let number): "\(number)"
                    default: ""
                    }
                })
    }

    private let database: any Database
    private let keys: KeyRing
    private let clock: any WallClock
    private let versionLimit: Int

    /// - Parameter versionLimit: how many versions of each secret are kept.
    public init(_ database: any Database, keys: KeyRing, clock: any WallClock, versionLimit: Int = 20) {
        self.database = database
        self.keys = keys
        self.clock = clock
        self.versionLimit = versionLimit
    }

    /// Stores a new version, and returns what is known of the secret then.
    ///
    /// - Parameter condition: given the revision that is there, nil for none; what it throws keeps all as it is.
    public func set(
        _ name: String, in project: String, _ secret: SecretBytes, by principal: String,
        if condition: @escaping @Sendable (Int64?) throws -> Void = { _ in }
    ) async throws -> SecretRecord {
        // A key that was replaced between sealing and storing is refused by the database: then again with the new one.
        for _ in 0..<3 {
            do {
                return try await store(name, project, secret, principal, condition)
            } catch let error as DatabaseError where error.kind == .constraint(.foreignKey) {
                continue
            } catch let error as DatabaseError {
                throw error.asApolloError
            }
        }
        throw ApolloError(.unavailable, "the keys are replaced all the time", hint: "try again in a moment")
    }

    private func store(
        _ name: String, _ project: String, _ secret: SecretBytes, _ principal: String,
        _ condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> SecretRecord {
        let now = clock.now
        let (keys, versionLimit) = (keys, versionLimit)
        return try await database.write { transaction in
            let rows = SecretRows(project: project)
            let old = try rows.head(name, transaction)
            try condition(old.flatMap { $0.isRemoved ? nil : $0.revision })
            let version = (old?.lastVersion ?? 0) + 1
            let place = rows.place(name) + [.integer(version)]
            let sealed = try keys.seal(secret, Self.table.context(place))
            try transaction.execute(
                """
                INSERT INTO secrets (organisation, project, name, revision, last_version, is_removed, created_at,
                    updated_at, updated_by)
                VALUES (?, ?, ?, 1, ?, 0, ?, ?, ?)
                ON CONFLICT (organisation, project, name) DO UPDATE SET revision = secrets.revision + 1,
                    last_version = excluded.last_version, is_removed = 0, updated_at = excluded.updated_at,
                    updated_by = excluded.updated_by
                """, place + [DatabaseValue(now), DatabaseValue(now), .text(principal)])
            try transaction.execute(
                """
                INSERT INTO secret_versions (organisation, project, name, version, key_id, sealed, size, created_at,
                    created_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                place + [
                    DatabaseValue(sealed.key), .blob(sealed.bytes), DatabaseValue(secret.count),
                    DatabaseValue(now), .text(principal),
                ])
            try rows.forget(name, beyond: versionLimit, transaction)
            return try rows.record(name, transaction)
        }
    }

    /// What is known of a secret.
    public func record(_ name: String, in project: String) async throws -> SecretRecord {
        try await read { try SecretRows(project: project).record(name, $0) }
    }

    /// Secrets by their names, from the one after `after` on.
    public func list(_ project: String, after: String?, limit: Int) async throws -> [SecretRecord] {
        try await read { try SecretRows(project: project).list(after: after, limit: limit, $0) }
    }

    /// A secret: its newest version, or the one that is asked for.
    public func value(
        _ name: String, in project: String, version: Int64? = nil
    ) async throws -> (version: Int64, secret: SecretBytes) {
        let (number, sealed) = try await read {
            try SecretRows(project: project).sealed(name, version: version, $0)
        }
        let place = SecretRows(project: project).place(name) + [.integer(number)]
        return (number, try keys.open(sealed, Self.table.context(place)))
    }

    /// Removes a version, or the whole secret.
    public func remove(
        _ name: String, in project: String, version: Int64? = nil, by principal: String,
        if condition: @escaping @Sendable (Int64?) throws -> Void = { _ in }
    ) async throws {
        let now = clock.now
        do {
            try await database.write { transaction in
                let rows = SecretRows(project: project)
                let record = try rows.record(name, transaction)
                try condition(record.revision)
                try rows.remove(record, version: version, by: principal, at: now, transaction)
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }
}

import Core
import Databases
import KeyRings
import SecretMessages

/// The rows of one project's secrets, within a transaction.
struct SecretRows {
    let project: String

    /// What of a secret stays when it is removed.
    struct Head {
        var revision: Int64
        var lastVersion: Int64
        var isRemoved: Bool
    }

    /// The columns that name a secret. Organisations come with the platform; until then there is one, `default`.
    func place(_ name: String) -> [DatabaseValue] { ["default", .text(project), .text(name)] }

    private static let here = "organisation = ? AND project = ? AND name = ?"

    func head(_ name: String, _ transaction: borrowing Transaction) throws -> Head? {
        try transaction.first(
            "SELECT revision, last_version, is_removed FROM secrets WHERE \(Self.here)", place(name)
        )
        .map { row in
            Head(
                revision: try row.get("revision"), lastVersion: try row.get("last_version"),
                isRemoved: try row.get("is_removed"))
        }
    }

    func record(_ name: String, _ transaction: borrowing Transaction) throws -> SecretRecord {
        guard
            let row = try transaction.first(
                "SELECT * FROM secrets WHERE \(Self.here) AND is_removed = 0", place(name))
        else { throw missing(name) }
        return try record(row, transaction)
    }

    func list(
        after: String?, limit: Int, _ transaction: borrowing Transaction
    ) throws -> [SecretRecord] {
        let rows = try transaction.query(
            """
            SELECT * FROM secrets WHERE organisation = 'default' AND project = ? AND name > ? AND is_removed = 0
            ORDER BY name LIMIT ?
            """, [.text(project), .text(after ?? ""), DatabaseValue(limit)])
        var records: [SecretRecord] = []
        for row in rows { records.append(try record(row, transaction)) }
        return records
    }

    private func record(_ row: Row, _ transaction: borrowing Transaction) throws -> SecretRecord {
        let name: String = try row.get("name")
        let versions = try transaction.query(
            """
            SELECT version, size, created_at, created_by FROM secret_versions WHERE \(Self.here) ORDER BY version
            """, place(name)
        ).map { row in
            SecretVersion(
                version: try row.get("version"), size: try row.get("size"),
                createdAt: try row.get("created_at"), createdBy: try row.get("created_by"))
        }
        return SecretRecord(
            name: name, project: project, revision: try row.get("revision"),
            version: versions.last?.version ?? 0, versions: versions, createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at"), updatedBy: try row.get("updated_by"))
    }

    func sealed(
        _ name: String, version: Int64?, _ transaction: borrowing Transaction
    ) throws -> (version: Int64, sealed: Sealed) {
        let row = try transaction.first(
            """
            SELECT version, key_id, sealed FROM secret_versions WHERE \(Self.here) AND (version = ? OR ? = 0)
            ORDER BY version DESC LIMIT 1
            """, place(name) + [.integer(version ?? 0), .integer(version ?? 0)])
        guard let row else {
            let record = try record(name, transaction)
            throw missing(record, version: version ?? 0)
        }
        return (
            try row.get("version"), Sealed(key: try row.get("key_id"), bytes: try row.get("sealed"))
        )
    }

    func remove(
        _ record: SecretRecord, version: Int64?, by principal: String, at time: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let place = place(record.name)
        var remaining = 0
        if let version {
            guard record.versions.contains(where: { $0.version == version }) else {
                throw missing(record, version: version)
            }
            remaining = record.versions.count - 1
            try transaction.execute(
                "DELETE FROM secret_versions WHERE \(Self.here) AND version = ?", place + [.integer(version)])
        } else {
            try transaction.execute("DELETE FROM secret_versions WHERE \(Self.here)", place)
        }
        try transaction.execute(
            """
            UPDATE secrets SET revision = revision + 1, is_removed = ?, updated_at = ?, updated_by = ?
            WHERE \(Self.here)
            """, [DatabaseValue(remaining == 0), DatabaseValue(time), .text(principal)] + place)
    }

    /// Keeps the newest `limit` versions.
    func forget(_ name: String, beyond limit: Int, _ transaction: borrowing Transaction) throws {
        let oldest = try transaction.first(
            """
            SELECT version FROM secret_versions WHERE \(Self.here) ORDER BY version DESC LIMIT 1 OFFSET ?
            """, place(name) + [DatabaseValue(limit - 1)])
        guard let version: Int64 = try oldest?.get("version") else { return }
        try transaction.execute(
            "DELETE FROM secret_versions WHERE \(Self.here) AND version < ?",
            place(name) + [.integer(version)]
        )
    }

    private func missing(_ name: String) -> ApolloError {
        let place = project == "default" ? "" : " in project \(project)"
        return ApolloError(
            .notFound, "no secret '\(name)'\(place)",
            hint: "'apollo secret ls' lists them, 'apollo secret set \(name)' makes it")
    }

    private func missing(_ record: SecretRecord, version: Int64) -> ApolloError {
        let kept = record.versions.map { "\($0.version)" }.joined(separator: ", ")
        return ApolloError(
            .notFound, "the secret '\(record.name)' has no version \(version)", hint: "it has \(kept)")
    }
}

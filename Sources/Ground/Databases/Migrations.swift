public import Core

/// The schema of one component (`manager`, `secrets`, …) as the list of steps that lead to it.
///
/// Components share a database and number their migrations apart. What was applied is recorded in the table
/// `schema_migrations`.
public struct Migrations: Sendable {
    public let component: String
    public let steps: [Migration]

    /// - Precondition: the steps are numbered 1, 2, 3, ….
    public init(component: String, _ steps: [Migration]) {
        for (index, step) in steps.enumerated() {
            precondition(
                step.version == index + 1,
                "migration '\(step.name)' of \(component) has the number \(step.version), its place is \(index + 1)"
            )
        }
        self.component = component
        self.steps = steps
    }

    /// Brings `database` up to date, each step in a transaction of its own, and returns the versions applied now.
    ///
    /// Applying again does nothing. `clock` dates the records.
    ///
    /// - Throws: ``DatabaseError``: `schemaTooNew` if a newer program was here, `corrupt` if a migration is not the one
    ///   that was applied, or what the failing statement threw, with its step undone and those before it in place.
    @discardableResult
    public func apply(to database: any Database, clock: any WallClock) async throws -> [Int] {
        try await database.write { transaction in
            try transaction.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    component TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL,
                    checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (component, version))
                """)
        }
        let applied = try await database.read { try self.verify($0) }
        var now: [Int] = []
        for step in steps.dropFirst(applied) {
            let isNew = try await database.write { try self.apply(step, in: $0, at: clock.now) }
            if isNew { now.append(step.version) }
        }
        return now
    }

    /// Holds what was applied against what this program knows, and returns how many steps were applied.
    private func verify(_ transaction: borrowing Transaction) throws -> Int {
        let records = try transaction.query(
            "SELECT version, name, checksum FROM schema_migrations WHERE component = ? ORDER BY version",
            [.text(component)])
        if let found: Int = try records.last?.get("version"), found > steps.count {
            throw DatabaseError(
                .schemaTooNew(found: found, known: steps.count),
                "the database holds version \(found) of the \(component) schema, this program knows versions up to"
                    + " \(steps.count)",
                hint: "use the newer program that wrote it, or restore a backup from before the upgrade")
        }
        for (record, step) in zip(records, steps) {
            let version: Int = try record.get("version")
            guard version == step.version else {
                throw DatabaseError(
                    .corrupt,
                    "migration \(step.version) of \(component) is missing in the database, yet later ones are there"
                )
            }
            guard try record.get("checksum") == step.checksum else {
                let name: String = try record.get("name")
                throw DatabaseError(
                    .corrupt,
                    "migration \(version) of \(component) ('\(name)') is not the one that was applied to the database",
                    hint: "a released migration never changes: undo the edit and add a new migration")
            }
        }
        return records.count
    }

    /// Applies `step` unless another caller just did.
    private func apply(
        _ step: Migration, in transaction: borrowing Transaction, at time: Timestamp
    ) throws -> Bool {
        // Recorded first: if two apply at once, the second inserts nothing and leaves.
        let recorded = try transaction.execute(
            """
            INSERT INTO schema_migrations (component, version, name, checksum, applied_at)
            VALUES (?, ?, ?, ?, ?) ON CONFLICT (component, version) DO NOTHING
            """,
            [
                .text(component), .init(step.version), .text(step.name), .text(step.checksum), .init(time),
            ])
        guard recorded == 1 else { return false }
        for statement in step.statements {
            do {
                try transaction.execute(statement)
            } catch {
                throw DatabaseError(
                    error.kind,
                    "migration \(step.version) of \(component) ('\(step.name)') failed: \(error.message)",
                    hint: error.hint)
            }
        }
        return true
    }
}

public import Core
public import Databases
public import Telemetry

/// Keeps audit records in a database, append-only: there is no way to change one, or to delete any but the oldest.
public struct DatabaseAuditSink: AuditSink {
    public static let migrations = Migrations(
        component: "audit",
        [
            Migration(
                1, "audit records",
                [
                    """
                    CREATE TABLE audit (
                        time BIGINT NOT NULL, principal TEXT NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL,
                        outcome TEXT NOT NULL, reason TEXT, request_id TEXT NOT NULL, peer TEXT NOT NULL)
                    """,
                    "CREATE INDEX audit_by_time ON audit (time)",
                ]),
            Migration(
                2, "audit records by who", ["CREATE INDEX audit_by_principal ON audit (principal, time)"]),
        ])

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    public func record(_ record: AuditRecord) async throws {
        do {
            _ = try await database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO audit (time, principal, action, resource, outcome, reason, request_id, peer)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        DatabaseValue(record.time), .text(record.principal), .text(record.action),
                        .text(record.resource), .text(record.outcome.rawValue), DatabaseValue(record.reason),
                        .text(record.requestID), .text(record.peer),
                    ])
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// The newest records, newest first.
    public func newest(_ limit: Int) async throws -> [AuditRecord] {
        try await records(AuditQuery(limit: limit))
    }

    /// The records that are asked for, newest first.
    public func records(_ query: AuditQuery) async throws -> [AuditRecord] {
        let (sql, parameters) = query.statement
        do {
            return try await database.read { transaction in
                try transaction.query(sql, parameters).map { try Self.record($0) }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Forgets records of before `time`, at most about `limit`, the oldest first. Returns how many.
    public func forget(before time: Timestamp, limit: Int) async throws -> Int {
        do {
            return try await database.write { transaction in
                // Those of the same microsecond as the last one go with it.
                let last = try transaction.query(
                    "SELECT time FROM audit WHERE time < ? ORDER BY time LIMIT ?",
                    [DatabaseValue(time), DatabaseValue(limit)]
                ).last
                guard let last: Timestamp = try last?.get("time") else { return 0 }
                return try transaction.execute("DELETE FROM audit WHERE time <= ?", [DatabaseValue(last)])
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    private static func record(_ row: Row) throws -> AuditRecord {
        let outcome: String = try row.get("outcome")
        guard let outcome = AuditRecord.Outcome(rawValue: outcome) else {
            throw DatabaseError(.mismatch, "'\(outcome)' is no outcome of an audit record")
        }
        return AuditRecord(
            time: try row.get("time"), principal: try row.get("principal"), action: try row.get("action"),
            resource: try row.get("resource"), outcome: outcome, reason: try row.get("reason"),
            requestID: try row.get("request_id"), peer: try row.get("peer"))
    }
}

public import ClusterModel
public import Core
public import Databases
import Documents

/// Nodes in a database, one row each.
public struct DatabaseNodeStore: NodeStore {
    public static let migrations = Migrations(
        component: "nodes",
        [
            Migration(
                1, "nodes",
                [
                    "CREATE TABLE nodes (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, record TEXT NOT NULL)"
                ])
        ])

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    public func load() async throws -> [StoredNode] {
        try await told {
            try await database.read { transaction in
                try transaction.query("SELECT id, record FROM nodes ORDER BY id").map { row in
                    let json: String = try row.get("record")
                    do {
                        return try JSONReader.decode(StoredNode.self, from: Array(json.utf8))
                    } catch {
                        let id: String = try row.get("id")
                        throw ApolloError(
                            .corrupt, "the stored record of node \(id) cannot be read: \(error)",
                            hint: "restore a backup of the data directory")
                    }
                }
            }
        }
    }

    public func save(_ stored: StoredNode) async throws {
        var stored = stored
        stored.node.metrics = nil
        let json = String(decoding: try JSONWriter.bytes(encoding: stored), as: UTF8.self)
        let (id, name) = (stored.node.id, stored.node.name)
        try await told {
            try await database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO nodes (id, name, record) VALUES (?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET name = excluded.name, record = excluded.record
                    """, [DatabaseValue(id), .text(name), .text(json)])
                // A machine that joined under this name before is gone: names are one machine's at a time.
                try transaction.execute(
                    "DELETE FROM nodes WHERE name = ? AND id <> ?", [.text(name), DatabaseValue(id)])
            }
        }
    }

    public func remove(_ node: NodeID) async throws {
        _ = try await told {
            try await database.write { transaction in
                try transaction.execute("DELETE FROM nodes WHERE id = ?", [DatabaseValue(node)])
            }
        }
    }

    private func told<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as DatabaseError { throw error.asApolloError }
    }
}

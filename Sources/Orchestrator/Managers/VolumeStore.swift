public import ClusterModel
import Core
public import Databases
import Documents

/// Where the manager keeps which volumes there are, and where.
public protocol VolumeStore: Sendable {
    func load() async throws -> [Volume]
    func save(_ volumes: [Volume]) async throws
    func remove(_ volume: VolumeID) async throws
}

/// Volumes in a database, one row each.
public struct DatabaseVolumeStore: VolumeStore {
    public static let migrations = Migrations(
        component: "volumes",
        [
            Migration(
                1, "volumes",
                [
                    """
                    CREATE TABLE volumes (
                        project TEXT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL,
                        PRIMARY KEY (project, name))
                    """
                ])
        ])

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    public func load() async throws -> [Volume] {
        try await told {
            try await database.read { transaction in
                try transaction.query("SELECT project, name, record FROM volumes ORDER BY project, name").map
                { row in
                    let json: String = try row.get("record")
                    do {
                        return try JSONReader.decode(Volume.self, from: Array(json.utf8))
                    } catch {
                        let (project, name): (String, String) = (try row.get("project"), try row.get("name"))
                        throw ApolloError(
                            .corrupt,
                            "the stored record of volume \(project)/\(name) cannot be read: \(error)",
                            hint: "restore a backup of the data directory")
                    }
                }
            }
        }
    }

    public func save(_ volumes: [Volume]) async throws {
        let rows = try volumes.map { volume in
            let json = String(decoding: try JSONWriter.bytes(encoding: volume), as: UTF8.self)
            return [DatabaseValue.text(volume.project), .text(volume.name), .text(json)]
        }
        _ = try await told {
            try await database.write { transaction in
                for row in rows {
                    try transaction.execute(
                        """
                        INSERT INTO volumes (project, name, record) VALUES (?, ?, ?)
                        ON CONFLICT (project, name) DO UPDATE SET record = excluded.record
                        """, row)
                }
            }
        }
    }

    public func remove(_ volume: VolumeID) async throws {
        _ = try await told {
            try await database.write { transaction in
                try transaction.execute(
                    "DELETE FROM volumes WHERE project = ? AND name = ?",
                    [.text(volume.project), .text(volume.name)])
            }
        }
    }

    private func told<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as DatabaseError { throw error.asApolloError }
    }
}

import ClusterModel
import Core
public import Databases
import TaskDecisions

/// The manager's state in a database, one row a task.
public struct DatabaseTaskStore: TaskStore {
    /// The schema. Organisations come with the platform; until then there is one, `default`.
    public static let migrations = Migrations(
        component: "manager",
        [
            Migration(
                1, "tasks and leadership",
                [
                    """
                    CREATE TABLE tasks (
                        id TEXT NOT NULL PRIMARY KEY, organisation TEXT NOT NULL, project TEXT NOT NULL,
                        name TEXT NOT NULL, state TEXT NOT NULL, revision BIGINT NOT NULL,
                        created_at BIGINT NOT NULL, finished_at BIGINT, request_key TEXT, record TEXT NOT NULL,
                        UNIQUE (organisation, project, name))
                    """,
                    """
                    CREATE TABLE leadership (
                        cluster TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL, holder TEXT NOT NULL,
                        expires_at BIGINT NOT NULL)
                    """,
                ])
        ])

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    public func load() async throws -> [StoredTask] {
        try await database.read { transaction in
            var tasks: [StoredTask] = []
            try transaction.forEachRow("SELECT id, record, request_key FROM tasks ORDER BY id") { row in
                let json: String = try row.get("record")
                let key: String? = try row.get("request_key")
                do {
                    tasks.append(
                        StoredTask(record: try RecordCoding.decode(Array(json.utf8)), idempotencyKey: key))
                } catch {
                    let id: String = try row.get("id")
                    throw ApolloError(
                        .corrupt, "the stored record of task \(id) cannot be read: \(error)",
                        hint: "restore a backup of the data directory")
                }
            }
            return tasks
        }
    }

    /// The projects that have tasks.
    public func projects() async throws -> Set<String> {
        try await database.read { transaction in
            Set(try transaction.query("SELECT DISTINCT project FROM tasks").map { try $0.get("project") })
        }
    }

    public func commit(_ batch: [StoredChange]) async throws {
        do {
            try await database.write { transaction in
                // Of neighbours that do the same one statement: a server takes them in one round trip.
                var rest = batch[...]
                while let first = rest.first {
                    let alike = rest.prefix { Self.isPut($0) == Self.isPut(first) }
                    rest = rest.dropFirst(alike.count)
                    try transaction.executeBatch(
                        Self.isPut(first) ? Self.putting : Self.deleting, alike.map(Self.parameters))
                }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    private static func isPut(_ stored: StoredChange) -> Bool {
        if case .put = stored.change { true } else { false }
    }

    private static let putting = """
        INSERT INTO tasks (id, organisation, project, name, state, revision, created_at, finished_at, request_key,
            record)
        VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, revision = excluded.revision,
            finished_at = excluded.finished_at, record = excluded.record
        """
    private static let deleting = "DELETE FROM tasks WHERE id = ?"

    private static func parameters(_ stored: StoredChange) -> [DatabaseValue] {
        switch stored.change {
        case .put(let record):
            [
                DatabaseValue(record.id), .text(record.project), .text(record.name),
                .text(record.state.rawValue), .integer(record.revision), DatabaseValue(record.createdAt),
                DatabaseValue(record.finishedAt), DatabaseValue(stored.idempotencyKey),
                .text(String(decoding: stored.json, as: UTF8.self)),
            ]
        case .delete(let id, _): [DatabaseValue(id)]
        }
    }
}

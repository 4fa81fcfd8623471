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
                    let step = Step(first)
                    let alike = rest.prefix { Step($0) == step }
                    rest = rest.dropFirst(alike.count)
                    let changed = try transaction.executeBatch(step.sql, alike.map(step.parameters))
                    // One that is not there after all, for what came before was refused, is put whole.
                    guard step == .replace, changed < alike.count else { continue }
                    try transaction.executeBatch(Step.put.sql, alike.map(Step.put.parameters))
                }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// What a change comes to in the table.
    private enum Step {
        case put
        /// A put of a task whose row is there: one look-up instead of three.
        case replace
        case delete

        init(_ stored: StoredChange) {
            switch stored.change {
            case .put: self = stored.mayBeFirst ? .put : .replace
            case .delete: self = .delete
            }
        }

        var sql: String {
            switch self {
            case .put:
                """
                INSERT INTO tasks (id, organisation, project, name, state, revision, created_at, finished_at, request_key,
                    record)
                VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = excluded.state, revision = excluded.revision,
                    finished_at = excluded.finished_at, record = excluded.record
                """
            case .replace:
                "UPDATE tasks SET state = ?, revision = ?, finished_at = ?, record = ? WHERE id = ?"
            case .delete: "DELETE FROM tasks WHERE id = ?"
            }
        }

        func parameters(_ stored: StoredChange) -> [DatabaseValue] {
            guard self != .delete, case .put(let record) = stored.change else {
                return [DatabaseValue(stored.change.task)]
            }
            let state = DatabaseValue.text(record.state.rawValue)
            let json = DatabaseValue.text(String(decoding: stored.json, as: UTF8.self))
            if self == .replace {
                return [
                    state, .integer(record.revision), DatabaseValue(record.finishedAt), json,
                    DatabaseValue(record.id),
                ]
            }
            return [
                DatabaseValue(record.id), .text(record.project), .text(record.name), state,
                .integer(record.revision), DatabaseValue(record.createdAt), DatabaseValue(record.finishedAt),
                DatabaseValue(stored.idempotencyKey), json,
            ]
        }
    }
}

import ClusterModel
public import Core
public import Databases
import Documents
public import JobDecisions
public import JobModel

/// The jobs of all projects in a database: a row a job, and a row an instance.
public struct JobStore: Sendable {
    public static let migrations = Migrations(
        component: "jobs",
        [
            Migration(
                1, "jobs",
                [
                    """
                    CREATE TABLE jobs (
                        id TEXT NOT NULL PRIMARY KEY, organisation TEXT NOT NULL, project TEXT NOT NULL,
                        name TEXT NOT NULL, record TEXT NOT NULL, UNIQUE (organisation, project, name))
                    """,
                    """
                    CREATE TABLE job_instances (
                        task TEXT NOT NULL PRIMARY KEY, job TEXT NOT NULL, record TEXT NOT NULL)
                    """,
                    "CREATE INDEX job_instances_by_job ON job_instances (job)",
                    """
                    CREATE TABLE job_requests (
                        request_key TEXT NOT NULL PRIMARY KEY, job TEXT NOT NULL, created_at BIGINT NOT NULL)
                    """,
                ])
        ])

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    /// Every job with its instances, and the job that each request made or changed.
    public func load() async throws -> (jobs: [JobWork], requests: [String: JobRequest]) {
        try await database.read { transaction in
            var jobs: [JobID: JobWork] = [:]
            try transaction.forEachRow("SELECT id, record FROM jobs") { row in
                let work = JobWork(job: try Self.decode(row, "job"))
                jobs[work.job.id] = work
            }
            try transaction.forEachRow("SELECT job AS id, record FROM job_instances ORDER BY task") { row in
                guard let id = JobID(parsing: try row.get("id")) else { return }
                jobs[id]?.instances.append(try Self.decode(row, "an instance of job"))
            }
            var requests: [String: JobRequest] = [:]
            try transaction.forEachRow("SELECT request_key, job, created_at FROM job_requests") { row in
                guard let id = JobID(parsing: try row.get("job")) else { return }
                requests[try row.get("request_key")] = JobRequest(job: id, at: try row.get("created_at"))
            }
            return (jobs.values.sorted { $0.job.id < $1.job.id }, requests)
        }
    }

    private static func decode<Value: Decodable>(_ row: borrowing Row, _ what: String) throws -> Value {
        let json: String = try row.get("record")
        do {
            return try JSONReader.decode(from: Array(json.utf8))
        } catch {
            let id: String = try row.get("id")
            throw ApolloError(
                .corrupt, "the stored record of \(what) \(id) cannot be read: \(error)",
                hint: "restore a backup of the data directory")
        }
    }

    /// Stores what became of jobs, all of it or nothing: of each what it was and what it is, nil for none.
    public func commit(
        _ changes: [(before: JobWork?, after: JobWork?)], request: (key: String, job: JobID, at: Timestamp)?
    ) async throws {
        var statements: [(sql: String, values: [DatabaseValue])] = []
        for (before, after) in changes { try Self.write(before, after, &statements) }
        if let request {
            statements.append(
                (
                    "INSERT INTO job_requests (request_key, job, created_at) VALUES (?, ?, ?)",
                    [.text(request.key), DatabaseValue(request.job), DatabaseValue(request.at)]
                ))
        }
        guard !statements.isEmpty else { return }
        let all = statements
        do {
            try await database.write { transaction in
                for statement in all { try transaction.execute(statement.sql, statement.values) }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Forgets what requests made.
    public func forget(requests keys: [String]) async throws {
        do {
            try await database.write { transaction in
                for key in keys {
                    try transaction.execute("DELETE FROM job_requests WHERE request_key = ?", [.text(key)])
                }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    private static func write(
        _ before: JobWork?, _ after: JobWork?, _ statements: inout [(sql: String, values: [DatabaseValue])]
    ) throws {
        guard let after else {
            guard let id = before?.job.id else { return }
            for table in ["job_instances WHERE job", "job_requests WHERE job", "jobs WHERE id"] {
                statements.append(("DELETE FROM \(table) = ?", [DatabaseValue(id)]))
            }
            return
        }
        if after.job != before?.job {
            statements.append(
                (
                    """
                    INSERT INTO jobs (id, organisation, project, name, record) VALUES (?, 'default', ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET record = excluded.record
                    """,
                    [
                        DatabaseValue(after.job.id), .text(after.job.project), .text(after.job.name),
                        .text(String(decoding: try JSONWriter.bytes(encoding: after.job), as: UTF8.self)),
                    ]
                ))
        }
        var old = Dictionary(uniqueKeysWithValues: (before?.instances ?? []).map { ($0.task, $0) })
        for instance in after.instances where old.removeValue(forKey: instance.task) != instance {
            var writer = JSONWriter()
            instance.write(to: &writer)
            statements.append(
                (
                    """
                    INSERT INTO job_instances (task, job, record) VALUES (?, ?, ?)
                    ON CONFLICT (task) DO UPDATE SET record = excluded.record
                    """,
                    [
                        DatabaseValue(instance.task), DatabaseValue(after.job.id),
                        .text(String(decoding: writer.bytes, as: UTF8.self)),
                    ]
                ))
        }
        for task in old.keys.sorted() {
            statements.append(("DELETE FROM job_instances WHERE task = ?", [DatabaseValue(task)]))
        }
    }
}

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

    /// Stores what became of jobs, all of it or nothing.
    public func commit(
        _ changes: [JobChange], request: (key: String, job: JobID, at: Timestamp)?
    ) async throws {
        var statements: [Statement] = []
        for change in changes { Self.write(change, &statements) }
        if let request {
            statements.append(
                Statement(
                    sql: "INSERT INTO job_requests (request_key, job, created_at) VALUES (?, ?, ?)",
                    lists: [[.text(request.key), DatabaseValue(request.job), DatabaseValue(request.at)]]))
        }
        guard !statements.isEmpty else { return }
        let all = statements
        do {
            try await database.write { transaction in
                for statement in all {
                    let changed = try transaction.executeBatch(statement.sql, statement.lists)
                    guard changed < statement.lists.count, let whole = statement.whole else { continue }
                    try transaction.executeBatch(Self.puttingInstances, whole)
                }
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

    /// One statement, and the rows that it is for.
    private struct Statement: Sendable {
        var sql: String
        var lists: [[DatabaseValue]]
        /// For instances whose rows are there: the same as whole rows, should one not be.
        var whole: [[DatabaseValue]]?
    }

    private static let puttingInstances = """
        INSERT INTO job_instances (task, job, record) VALUES (?, ?, ?)
        ON CONFLICT (task) DO UPDATE SET record = excluded.record
        """
    private static let changingInstances = "UPDATE job_instances SET record = ? WHERE task = ?"

    private static func write(_ change: JobChange, _ statements: inout [Statement]) {
        guard let after = change.after else {
            guard let id = change.before?.job.id else { return }
            for table in ["job_instances WHERE job", "job_requests WHERE job", "jobs WHERE id"] {
                statements.append(Statement(sql: "DELETE FROM \(table) = ?", lists: [[DatabaseValue(id)]]))
            }
            return
        }
        if let json = change.json {
            let values: [DatabaseValue] = [
                DatabaseValue(after.job.id), .text(after.job.project), .text(after.job.name),
                .text(String(decoding: json, as: UTF8.self)),
            ]
            statements.append(
                Statement(
                    sql: """
                        INSERT INTO jobs (id, organisation, project, name, record) VALUES (?, 'default', ?, ?, ?)
                        ON CONFLICT (id) DO UPDATE SET record = excluded.record
                        """, lists: [values]))
        }
        let (old, new) = (change.before?.instances ?? [], after.instances)
        // Most of a large job is as it was, and where it was.
        let same = JobInstance.commonCount(old, new)
        var rest = Dictionary(uniqueKeysWithValues: old[same...].map { ($0.task, $0) })
        var (puts, known): ([[DatabaseValue]], [[DatabaseValue]]) = ([], [])
        for place in new.indices {
            let isKnown =
                place < same
                ? JobInstance.isFound(new, from: old, at: place)
                : rest.removeValue(forKey: new[place].task) == new[place]
            guard !isKnown else { continue }
            var writer = JSONWriter(reserving: 384)
            new[place].write(to: &writer)
            let row: [DatabaseValue] = [
                DatabaseValue(new[place].task), DatabaseValue(after.job.id),
                .text(String(decoding: writer.bytes, as: UTF8.self)),
            ]
            if place < same { known.append(row) } else { puts.append(row) }
        }
        if !known.isEmpty {
            let changes = known.map { [$0[2], $0[0]] }
            statements.append(Statement(sql: changingInstances, lists: changes, whole: known))
        }
        if !puts.isEmpty { statements.append(Statement(sql: puttingInstances, lists: puts)) }
        if !rest.isEmpty {
            statements.append(
                Statement(
                    sql: "DELETE FROM job_instances WHERE task = ?",
                    lists: rest.keys.sorted().map { [DatabaseValue($0)] }))
        }
    }
}

extension JobInstance {
    /// Whether nothing has to be stored of the instance at `place`, where it was stored as it is in `old`: it is as it was, or a look at
    /// its task finds the difference. Whether the task is there, and how it is, is looked at first of all after a start, and one that was
    /// planned is made only where it is not.
    ///
    /// By index, and what is over first: of a large job nearly all is as it was, and the elements are large.
    static func isFound(_ new: [JobInstance], from old: [JobInstance], at place: Int) -> Bool {
        let (phase, before) = (new[place].phase, old[place].phase)
        if phase.isOver, phase == before {
            return new[place].endedAt == old[place].endedAt && new[place].run == old[place].run
        }
        guard phase == .active, before == .planned || before == .active else {
            return new[place] == old[place]
        }
        return new[place].createdAt == old[place].createdAt && new[place].attempt == old[place].attempt
            && new[place].version == old[place].version && new[place].run == old[place].run
            && new[place].index == old[place].index && new[place].notBefore == old[place].notBefore
            && new[place].endedAt == old[place].endedAt && new[place].exitCode == old[place].exitCode
            && new[place].name == old[place].name && new[place].group == old[place].group
            && new[place].node == old[place].node
    }

    /// How many of the first are of the same tasks. By index: the elements are large, and are not copied.
    static func commonCount(_ old: [JobInstance], _ new: [JobInstance]) -> Int {
        let limit = min(old.count, new.count)
        var count = 0
        while count < limit, old[count].task == new[count].task { count += 1 }
        return count
    }
}

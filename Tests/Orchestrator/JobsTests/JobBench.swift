import ClusterModel
import Concurrency
import Core
import Databases
import JobModel
import Jobs
import SQLiteDatabases

/// Jobs over a database in memory and a scripted cluster, for one test.
struct JobBench: Sendable {
    private struct StoppedClock: WallClock { let now = Timestamp(microseconds: 7) }

    let database: MemoryDatabase
    let cluster = ScriptedCluster()
    /// What it says to its log.
    let notes = Mailbox<String>("notes", capacity: 1 << 10)
    let keeper: JobKeeper

    init(retention: JobRetention = JobRetention(), environment: Environment = .live) async throws {
        database = try MemoryDatabase()
        try await JobStore.migrations.apply(to: database, clock: StoppedClock())
        let notes = notes
        keeper = JobKeeper(
            store: JobStore(database), cluster: cluster, environment: environment, retention: retention
        ) { _ = notes.send($0) }  // Tests that look are told of few.
        try await keeper.load()
    }

    /// Runs the loop around `body`, at most a minute.
    func live(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "the test") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.keeper.run() }
                try await body()
                group.cancelAll()
            }
        }
        await database.close()
    }

    /// Waits until the job is as wanted; the test's deadline bounds it.
    @discardableResult
    func reach(_ name: String, _ isWanted: (JobRecord) -> Bool) async throws -> JobRecord {
        var found: JobRecord?
        try await Self.until {
            found = keeper.find(name, project: "default").flatMap { isWanted($0) ? $0 : nil }
            return found != nil
        }
        return found!
    }

    /// Waits until something holds that nobody tells of; the test's deadline bounds it.
    static func until(_ holds: () async throws -> Bool) async throws {
        while try await !holds() {
            try await LiveClock().sleep(for: .milliseconds(2))  // lint:allow sleeping nothing tells of it
        }
    }

    @discardableResult
    func run(_ spec: JobSpec, key: String? = nil) async throws -> JobRecord {
        try await keeper.run(spec, project: "default", by: "user://local/admin", key: key)
    }

    static func batch(_ name: String, _ instances: Int = 1) -> JobSpec {
        JobSpec(
            name: name, type: .batch,
            tasks: [JobTask(name: "part", instances: instances, spec: TaskSpec(executable: "/bin/true"))])
    }
}

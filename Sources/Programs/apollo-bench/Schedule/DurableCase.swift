import Benchmarks
import ClusterModel
import Core
import Databases
import Managers
import PostgreSQLDatabases
import SQLiteDatabases
import Scheduling
import TaskDecisions
import TaskRuntimes
import Workers

/// Placement as a manager does it: a row for each task, committed before it is acknowledged.
enum DurableCase {
    private static let batch = 1024
    private static let callers = 4

    static let benchmark = Case(
        "place-durable-5000x50000", unit: "placements/s", better: .higher,
        note: """
            the manager on SQLite, a row for each task synced to disk before its acknowledgement; \(callers) callers submit \
            batches of \(batch); every place checked, every row read back
            """
    ) { workshop in
        let cell = Cell.generated(nodes: 5000, tasks: 50_000, seed: 1)
        let number = SharedCounter()
        return Contest {
            let path = workshop.path("durable-\(number.take()).sqlite")
            return try await place(
                cell, in: workshop, SQLiteDatabase.open(path, environment: workshop.environment))
        }
    }

    /// The same on a server, beside what the server's own program for load puts into it.
    static let onServer = Case(
        "place-durable-postgresql", unit: "placements/s", better: .higher,
        note: """
            5,000 nodes and 50,000 tasks, the manager on PostgreSQL with its own settings, a row for each task committed before its \
            acknowledgement; \(callers) callers submit batches of \(batch); pgbench: \(callers) connections, \(batch) rows of \
            700 bytes in each transaction, pipelined
            """, peers: [PostgreSQLProgram.pgbench]
    ) { workshop in
        let cell = Cell.generated(nodes: 5000, tasks: 50_000, seed: 1)
        let server = try await PostgreSQLProgram.start(in: workshop)
        let number = SharedCounter()
        var contest = Contest {
            let url = try await server.create("durable\(number.take())", in: workshop)
            return try await place(
                cell, in: workshop,
                PostgreSQLDatabase.open(
                    PostgreSQLLocation(url: url), environment: workshop.environment))
        }
        if workshop.measures("pgbench") {
            contest.peers["pgbench"] = try await server.inserts(
                clients: callers, rows: batch, bytes: 700, in: workshop)
        }
        return contest
    }

    private static func place(
        _ cell: Cell, in workshop: Workshop, _ database: any Database
    ) async throws -> Double {
        let environment = workshop.environment
        try await DatabaseTaskStore.migrations.apply(to: database, clock: environment.wallClock)
        let store = DatabaseTaskStore(database)
        let manager = Manager(store: store, environment: environment, epoch: 1, note: { _ in })
        var nodes: [NodeID: Int] = [:]
        for (index, offer) in cell.nodes.enumerated() {
            let node = BenchNode(index, offer, environment)
            nodes[node.node] = index
            await manager.join(node)
        }
        let submissions = cell.asks.enumerated().map { index, ask in
            Submission(
                id: environment.identifier(), name: "task-\(index)", project: "default", spec: TaskSpec(ask),
                principal: "user://local/default/bench", idempotencyKey: "key \(index)")
        }
        let clock = environment.clock
        let next = SharedCounter()
        let records = try await withThrowingTaskGroup(of: [TaskRecord]?.self) { group in
            group.addTask {
                await manager.run()
                return nil
            }
            let start = clock.now
            for _ in 0..<callers { group.addTask { try await submit(submissions, to: manager, next) } }
            var records: [TaskRecord] = []
            for _ in 0..<callers { records += try await group.next()! ?? [] }
            let elapsed = start.duration(to: clock.now)
            group.cancelAll()
            return (records, Double(cell.asks.count) / (Double(elapsed.inMicroseconds) / 1e6))
        }
        try await check(records.0, cell, nodes, store)
        await database.close()
        return records.1
    }

    private static func submit(
        _ all: [Submission], to manager: Manager, _ next: SharedCounter
    ) async throws -> [TaskRecord] {
        var records: [TaskRecord] = []
        while true {
            let start = next.take(batch)
            guard start < all.count else { return records }
            let part = Array(all[start..<min(start + batch, all.count)])
            for result in try await manager.submit(part) { records.append(try result.get()) }
        }
    }

    /// Every task has a place, no node more than it has, and what is stored says the same.
    private static func check(
        _ records: [TaskRecord], _ cell: Cell, _ nodes: [NodeID: Int], _ store: DatabaseTaskStore
    ) async throws {
        let asked = Dictionary(
            uniqueKeysWithValues: cell.asks.enumerated().map { ("task-\($0)", $1.amounts) })
        var used = [Amounts](repeating: .zero, count: cell.nodes.count)
        var places: [TaskID: NodeID] = [:]
        for record in records {
            guard let place = record.current?.node, let node = nodes[place],
                let amounts = asked[record.name]
            else { throw PlacementRun.wrong("task \(record.name) has no place: \(record.reason)") }
            used[node].add(amounts)
            places[record.id] = place
        }
        guard places.count == cell.asks.count else { throw PlacementRun.wrong("some tasks have no place") }
        for (used, offer) in zip(used, cell.nodes) where !used.isWithin(offer.capacity) {
            throw PlacementRun.wrong("a node was given more than it has")
        }
        let stored = try await store.load()
        guard stored.count == places.count else {
            throw PlacementRun.wrong("\(stored.count) of \(places.count) tasks are stored")
        }
        for task in stored where places[task.record.id] != task.record.current?.node {
            throw PlacementRun.wrong("task \(task.record.name) is stored with another place")
        }
    }
}

/// A machine that takes orders and does nothing: what is measured is the manager.
private struct BenchNode: NodeConnection {
    let node: NodeID
    private let described: Node

    init(_ index: Int, _ offer: Offer, _ environment: Environment) {
        node = environment.identifier()
        described = Node(
            id: node, name: "node-\(index)", state: .ready, capacity: Capacity(offer.capacity),
            allocated: Capacity(), architecture: offer.labels["arch"] ?? "x86_64", operatingSystem: "linux",
            version: Platform.version,
            runtimes: [RuntimeStatus(kind: .process, isAvailable: true, detail: "bench")],
            registeredAt: environment.wallClock.now, labels: offer.labels)
    }

    func describe() async -> Node { described }
    func refresh() async {}
    func attempts() async -> [RuntimeKind: [FoundAttempt]] { [.process: []] }
    func perform(_ directive: Directive) {}

    func logs(_ place: AttemptPlace, _ query: LogQuery) async throws -> any LogReader {
        throw ApolloError(.notFound, "nothing runs here")
    }

    func metrics() async throws -> NodeMetrics? { nil }
    func usage(_ place: AttemptPlace) async throws -> AttemptUsage? { nil }

    func exec(
        _ place: AttemptPlace, _ request: ExecRequest,
        _ use: @escaping @Sendable (any ExecSession) async throws -> Void
    ) async throws {
        throw ApolloError(.notFound, "nothing runs here")
    }
}

extension Capacity {
    fileprivate init(_ amounts: Amounts) {
        self.init(
            cpuMillis: amounts.cpuMillis, memory: ByteCount(amounts.memory), disk: ByteCount(amounts.disk),
            gpus: Int(amounts.gpus), tasks: Int(amounts.tasks))
    }
}

extension TaskSpec {
    fileprivate init(_ ask: Ask) {
        self.init(
            executable: "/bin/true",
            resources: Resources(
                cpuMillis: ask.amounts.cpuMillis, memory: ByteCount(ask.amounts.memory),
                disk: ByteCount(ask.amounts.disk), gpus: Int(ask.amounts.gpus)))
    }
}

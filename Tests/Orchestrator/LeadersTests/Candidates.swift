import ClusterModel
import Concurrency
import Core
import Databases
import Leaders
import Managers
import SQLiteDatabases
import Simulation
import Synchronization

/// Managers in the simulator that share a database, each across a network of its own, and what they wrote there.
final class Candidates: @unchecked Sendable {
    static let lease = Duration.seconds(5)
    let simulator: Simulator
    let database: MemoryDatabase
    let hosts: [SimulatedHost]
    /// What each manager cannot reach the database for, until it is healed.
    let cuts: [Cut]
    let isFenced: Bool
    /// Numbers whose writing was acknowledged, with the epoch they were written in.
    let acknowledged = Mutex<[Int64: Int64]>([:])

    final class Cut: Sendable {
        let isCut = Mutex(false)
    }

    init(_ simulator: Simulator, count: Int, isFenced: Bool = true) throws {
        self.simulator = simulator
        self.isFenced = isFenced
        database = try MemoryDatabase(clock: simulator.environment.wallClock)
        hosts = (0..<count).map { simulator.host("manager-\($0)") }
        cuts = hosts.map { _ in Cut() }
    }

    static func id(_ index: Int) -> NodeID { NodeID(parsing: "0000000000000000000\(index + 1)")! }

    func prepare() async throws {
        let clock = simulator.environment.wallClock
        try await DatabaseTaskStore.migrations.apply(to: database, clock: clock)
        try await LeadershipStore.migrations.apply(to: database, clock: clock)
        try await database.write { transaction in
            try transaction.execute(
                "CREATE TABLE book (number BIGINT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL)")
        }
        for index in hosts.indices {
            let applicant = LeadershipStore.Applicant(
                id: Self.id(index), name: "m\(index)", version: "1", tokenHash: "")
            try await database.write { try LeadershipStore.admit(applicant, $0) }
        }
    }

    func start(_ index: Int) {
        hosts[index].start { [self] process in
            let way = DistantDatabase(database, process.environment, cuts[index])
            let keeper = LeadershipKeeper(
                LeadershipStore(way), manager: Self.id(index), lease: Self.lease,
                environment: process.environment, version: "1", address: { "http://m\(index)" },
                note: { _ in })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await keeper.run() }
                while let period = try await keeper.next() {
                    guard let epoch = period.epoch else {
                        _ = try await period.stop.value()
                        continue
                    }
                    await lead(epoch, period, keeper, way, process)
                    keeper.ended(period)
                }
                try await group.waitForAll()
            }
        }
    }

    /// Writes numbers into the book, each one more than the last, as long as the term lasts.
    private func lead(
        _ epoch: Int64, _ period: LeadershipPeriod, _ keeper: LeadershipKeeper, _ way: DistantDatabase,
        _ process: SimulatedProcess
    ) async {
        let fenced = FencedDatabase(way, epoch: epoch, isRemote: true) { keeper.doubt(epoch, $0) }
        let database: any Database = isFenced ? fenced : way
        while !period.isOver {
            do {
                let number = try await database.write { transaction in
                    let last: Int64? = try transaction.first("SELECT MAX(number) AS last FROM book")?.get(
                        "last")
                    let number = (last ?? 0) + 1
                    try transaction.execute(
                        "INSERT INTO book (number, epoch) VALUES (?, ?)", [.integer(number), .integer(epoch)])
                    return number
                }
                acknowledged.withLock { $0[number] = epoch }
                let pause = Duration.milliseconds(Int64(process.environment.random.next(below: 200)))
                try await process.environment.clock.sleep(for: pause)
            } catch is CancellationError {
                return
            } catch {
                // Refused, or lost on the way: the keeper hears of it, and ends the term. Not at once, for it to be seen.
                try? await process.environment.clock.sleep(for: .milliseconds(100))
            }
        }
    }

    func cut(_ index: Int, _ isCut: Bool) { cuts[index].isCut.withLock { $0 = isCut } }

    /// The epochs in the order in which they wrote.
    func epochs() async throws -> [Int64] {
        try await database.read { transaction in
            try transaction.query("SELECT epoch FROM book ORDER BY number").map { try $0.get("epoch") }
        }
    }

    /// What is wrong with the book; nil for nothing.
    func fault() async throws -> String? {
        let rows = try await database.read { transaction in
            try transaction.query("SELECT number, epoch FROM book ORDER BY number").map { row in
                (number: try row.get("number", as: Int64.self), epoch: try row.get("epoch", as: Int64.self))
            }
        }
        for (before, after) in zip(rows, rows.dropFirst()) where after.epoch < before.epoch {
            return
                "number \(after.number) was written in epoch \(after.epoch), after epoch \(before.epoch) had begun"
        }
        let book = Dictionary(uniqueKeysWithValues: rows.map { ($0.number, $0.epoch) })
        for (number, epoch) in acknowledged.withLock({ $0 }) where book[number] != epoch {
            return
                "number \(number) was acknowledged in epoch \(epoch), and is \(book[number].map { "of \($0)" } ?? "gone")"
        }
        return nil
    }
}

/// A database across a network: what goes there takes its time, may be lost on the way, and its answer on the way back.
struct DistantDatabase: Database {
    private let database: any Database
    private let environment: Environment
    private let cut: Candidates.Cut
    /// When who asks gives up.
    private static let patience = Duration.seconds(8)

    init(_ database: any Database, _ environment: Environment, _ cut: Candidates.Cut) {
        self.database = database
        self.environment = environment
        self.cut = cut
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await travel()
        let value = try await database.read(body)
        try await travel()
        return value
    }

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await travel()
        let value = try await database.write(body)
        try await travel()
        return value
    }

    func close() async {}

    private func travel() async throws {
        try await environment.clock.sleep(
            for: .microseconds(Int64(200 + environment.random.next(below: 20_000))))
        guard cut.isCut.withLock({ $0 }) else { return }
        try await environment.clock.sleep(for: Self.patience)
        throw DatabaseError(.unavailable, "the database does not answer")
    }
}

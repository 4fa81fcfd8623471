import ClusterModel
import Core
import Databases
import LeaderDecisions
import Leaders
import Managers
import SQLiteDatabases
import Synchronization
import Testing

@Suite("The row of who leads")
struct LeadershipStoreTests {
    /// The database's clock, set by hand.
    private final class HandClock: WallClock {
        let time = Mutex(Timestamp(microseconds: 1_000_000_000))
        var now: Timestamp { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    }

    private static let (one, two) = (
        NodeID(parsing: "00000000000000000001")!, NodeID(parsing: "00000000000000000002")!
    )
    private let clock = HandClock()

    private func withDatabase(_ body: (MemoryDatabase, LeadershipStore) async throws -> Void) async throws {
        let database = try MemoryDatabase(clock: clock)
        try await DatabaseTaskStore.migrations.apply(to: database, clock: clock)
        try await LeadershipStore.migrations.apply(to: database, clock: clock)
        let store = LeadershipStore(database)
        try await admit(Self.one, "one", database)
        try await admit(Self.two, "two", database)
        try await body(database, store)
        await database.close()
    }

    private static func applicant(_ id: NodeID, _ name: String) -> LeadershipStore.Applicant {
        LeadershipStore.Applicant(id: id, name: name, version: "1", tokenHash: "hash of \(name)")
    }

    private func admit(_ id: NodeID, _ name: String, _ database: MemoryDatabase) async throws {
        try await database.write { try LeadershipStore.admit(Self.applicant(id, name), $0) }
    }

    private func ask(
        _ store: LeadershipStore, _ request: Leadership.Request, as manager: NodeID
    ) async throws -> Leadership.Answer {
        try await store.ask(
            request, as: manager, address: "http://\(manager)", version: "2", lease: .seconds(5)
        ).answer
    }

    @Test("each term has a higher epoch, also those of a process alone with its database")
    func epochs() async throws {
        try await withDatabase { database, store in
            #expect(try await store.seize(Self.applicant(Self.one, "one")) == 1_000_000)
            #expect(try await store.seize(Self.applicant(Self.one, "one")) == 1_000_001)
            #expect(try await store.all().managers.map(\.name) == ["one"])
            try await admit(Self.two, "two", database)
            #expect(try await ask(store, .look(own: nil), as: Self.two) == .taken(epoch: 1_000_002))
        }
    }

    @Test(
        "a process whose database has lost what was stored last begins a term that comes after all there were"
    )
    func lost() async throws {
        try await withDatabase { database, store in
            var before: Int64 = 0
            // Started again and again, several times in a second.
            for _ in 0..<5 {
                before = try await store.seize(Self.applicant(Self.one, "one"))
                clock.advance(.milliseconds(20))
            }
            try await database.write { try $0.execute("DELETE FROM leadership") }
            #expect(try await store.seize(Self.applicant(Self.one, "one")) > before)
        }
    }

    @Test(
        "one leads while its lease runs by the database's clock, and the other once it is over or given away")
    func succession() async throws {
        try await withDatabase { _, store in
            #expect(try await ask(store, .look(own: nil), as: Self.one) == .taken(epoch: 1))
            clock.advance(.seconds(2))
            guard case .held(let row, .seconds(3)) = try await ask(store, .look(own: nil), as: Self.two)
            else {
                Issue.record("the lease is not held")
                return
            }
            #expect(row.holder == Self.one && row.epoch == 1)
            #expect(try await ask(store, .renew(epoch: 1), as: Self.one) == .renewed(epoch: 1))
            clock.advance(.seconds(4))
            guard case .held = try await ask(store, .look(own: nil), as: Self.two) else {
                Issue.record("the renewal does not count")
                return
            }
            clock.advance(.seconds(1))
            #expect(try await ask(store, .look(own: nil), as: Self.two) == .taken(epoch: 2))
            guard case .held = try await ask(store, .renew(epoch: 1), as: Self.one) else {
                Issue.record("a lease that is over was renewed")
                return
            }
            #expect(try await ask(store, .release(epoch: 1), as: Self.one) == .released)
            guard case .held = try await ask(store, .look(own: 1), as: Self.one) else {
                Issue.record("the lease of another was given away")
                return
            }
            #expect(try await ask(store, .release(epoch: 2), as: Self.two) == .released)
            #expect(try await ask(store, .look(own: 1), as: Self.one) == .taken(epoch: 3))
        }
    }

    @Test(
        "after a copy was put back the next term begins at once, and comes after all that the copy does not know of"
    )
    func anew() async throws {
        try await withDatabase { database, store in
            #expect(try await ask(store, .look(own: nil), as: Self.one) == .taken(epoch: 1))
            try await database.write { try LeadershipStore.startAnew($0) }
            #expect(try await ask(store, .look(own: nil), as: Self.two) == .taken(epoch: 1_000_001))
            try await database.write { try LeadershipStore.startAnew($0) }
            #expect(try await ask(store, .look(own: nil), as: Self.one) == .taken(epoch: 1_000_003))
        }
    }

    @Test("what is written within a term is refused once another has begun, with nothing of it stored")
    func fence() async throws {
        try await withDatabase { database, store in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT PRIMARY KEY)") }
            let doubts = Mutex<[String]>([])
            let epoch = try await store.seize(Self.applicant(Self.one, "one"))
            let old = FencedDatabase(database, epoch: epoch, isRemote: true) { text in
                doubts.withLock { $0.append(text) }
            }
            try await old.write { try $0.execute("INSERT INTO things VALUES (1)") }
            let new = FencedDatabase(
                database, epoch: try await store.seize(Self.applicant(Self.two, "two")), isRemote: true
            ) { _ in Issue.record("the leader is doubted") }
            await #expect(throws: ApolloError.self) {
                try await old.write { try $0.execute("INSERT INTO things VALUES (2)") }
            }
            try await new.write { try $0.execute("INSERT INTO things VALUES (3)") }
            let found = try await old.read { transaction in
                try transaction.query("SELECT id FROM things ORDER BY id").map {
                    try $0.get("id", as: Int.self)
                }
            }
            #expect(found == [1, 3])
            #expect(
                doubts.withLock { $0 } == [
                    "this manager no longer leads: its epoch is 1000000, the platform's 1000001"
                ])
        }
    }

    @Test("a failure of which nobody knows whether it wrote ends the term; one that wrote nothing does not")
    func doubts() async throws {
        try await withDatabase { database, store in
            let doubts = Mutex(0)
            let fenced = FencedDatabase(
                database, epoch: try await store.seize(Self.applicant(Self.one, "one")), isRemote: true
            ) { _ in doubts.withLock { $0 += 1 } }
            await #expect(throws: DatabaseError.self) {
                try await fenced.write { _ in throw DatabaseError(.overloaded, "too much is queued") }
            }
            #expect(doubts.withLock { $0 } == 0)
            await #expect(throws: DatabaseError.self) {
                try await fenced.write { _ in throw DatabaseError(.unavailable, "the connection broke") }
            }
            #expect(doubts.withLock { $0 } == 1)
        }
    }

    @Test("who knows that the term is over asks the database nothing more")
    func over() async throws {
        try await withDatabase { database, store in
            let shared = AbandonableDatabase(database)
            let fenced = FencedDatabase(
                shared, epoch: try await store.seize(Self.applicant(Self.one, "one")), isRemote: true
            ) { Issue.record("the term is doubted: \($0)") }
            #expect(try await fenced.read { _ in 1 } == 1)
            shared.giveUp(ApolloError(.unavailable, "its database is away"))
            await #expect(throws: ApolloError.self) {
                try await fenced.read { _ in Issue.record("it is read") }
            }
            await #expect(throws: ApolloError.self) {
                try await fenced.write { _ in Issue.record("it is written") }
            }
        }
    }

    @Test("the first manager takes itself in, a stranger is not in, and names are one manager's at a time")
    func managers() async throws {
        let database = try MemoryDatabase(clock: clock)
        try await DatabaseTaskStore.migrations.apply(to: database, clock: clock)
        try await LeadershipStore.migrations.apply(to: database, clock: clock)
        let store = LeadershipStore(database)
        #expect(try await store.enter(Self.applicant(Self.one, "one")))
        #expect(try await store.enter(Self.applicant(Self.two, "two")) == false)
        await #expect(throws: ApolloError.self) { try await ask(store, .look(own: nil), as: Self.two) }
        await #expect(throws: ApolloError.self) { try await admit(Self.two, "one", database) }
        try await admit(Self.two, "two", database)
        #expect(try await store.enter(Self.applicant(Self.two, "two")))
        #expect(try await Set(store.tokenHashes()) == ["hash of one", "hash of two"])
        #expect(try await ask(store, .look(own: nil), as: Self.two) == .taken(epoch: 1))
        let found = try await store.all().managers
        #expect(found.map(\.name) == ["one", "two"])
        #expect(found.map(\.address) == ["", "http://00000000000000000002"])
        #expect(found.map(\.seenAt) == [nil, clock.now])
        await #expect(throws: ApolloError.self) { try await store.remove("two") }
        #expect(try await store.remove("one").id == Self.one)
        #expect(try await store.all().managers.map(\.name) == ["two"])
        await database.close()
    }
}

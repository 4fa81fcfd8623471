import AccessKeys
import Concurrency
import Core
import Databases
import Identity
import KeyRings
import Synchronization
import TestDatabases
import Testing

@Suite(.everyDatabase) struct AccessKeyStoreTests {
    private let environment = Environment.live

    private func withStore(
        isGood: @escaping @Sendable (AccessKeyRecord) -> Bool = { _ in true },
        _ body: (AccessKeyStore, KeyRing, any Database) async throws -> Void
    ) async throws {
        let database = try await TestDatabase.open(environment: .live)
        for migrations in [KeyRing.migrations, AccessKeyStore.migrations] {
            try await migrations.apply(to: database, clock: environment.wallClock)
        }
        let key = try MasterKey.generate().text
        let ring = try await KeyRing.open(.command("echo \(key)"), database, environment: environment)
        let store = AccessKeyStore(database, keys: ring, isGood: isGood)
        try await store.load()
        try await body(store, ring, database)
        await database.close()
    }

    private func create(
        _ store: AccessKeyStore, scope: TokenScope = .everything, age: Duration? = nil
    ) async throws -> (record: AccessKeyRecord, secret: SecretBytes) {
        try await store.create(
            note: "test", project: "shop", scope: scope, age: age, by: .administrator,
            at: environment.wallClock.now)
    }

    @Test("A key is found with its secret, also by the next start, and no more once it is removed")
    func life() async throws {
        try await withStore { store, ring, database in
            let resource = try ResourceURI(parsing: "blob://local/default/shop/reports")
            let made = try await create(store, scope: TokenScope(permission: .read, resources: [resource]))
            #expect(made.record.id.utf8.count == 20 && made.secret.count == 40)
            let next = AccessKeyStore(database, keys: ring) { _ in true }
            try await next.load()
            let found = try #require(try next.find(made.record.id))
            #expect(found.secret == made.secret && found.record == made.record)
            #expect(try next.find("APLKNOSUCHKEY") == nil)
            try await next.remove(made.record.id)
            #expect(try next.find(made.record.id) == nil && next.list(nil).isEmpty)
        }
    }

    @Test("The database never holds a secret in clear, and a rotation of keys leaves it usable")
    func sealed() async throws {
        try await withStore { store, ring, database in
            let made = try await create(store)
            let sealed = try await database.read { try $0.first("SELECT sealed FROM access_keys") }
            let bytes: [UInt8] = try #require(try sealed?.get("sealed"))
            #expect(!bytes.contains(made.secret.bytes))
            let result = try await ring.rotate([AccessKeyStore.table])
            #expect(result.rows == 1)
            let next = AccessKeyStore(database, keys: ring) { _ in true }
            try await next.load()
            #expect(try next.find(made.record.id)?.secret == made.secret)
        }
    }

    @Test("A key whose owner is gone is none")
    func owner() async throws {
        let isThere = Mutex(true)
        try await withStore(isGood: { _ in isThere.withLock(\.self) }) { store, _, _ in
            let made = try await create(store)
            #expect(try store.find(made.record.id) != nil)
            isThere.withLock { $0 = false }
            #expect(try store.find(made.record.id) == nil && store.list(nil).isEmpty)
        }
    }

    @Test("One has so many keys and no more")
    func limit() async throws {
        try await withStore { store, _, _ in
            for _ in 0..<AccessKeyStore.limit { _ = try await create(store) }
            let error = await #expect(throws: ApolloError.self) { _ = try await create(store) }
            #expect(error?.kind == .exhausted)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: other) }
    }
}

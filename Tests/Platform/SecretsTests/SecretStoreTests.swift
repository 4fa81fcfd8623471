import ClusterModel
import Concurrency
import Core
import Databases
import Glibc
import KeyRings
import SecretMessages
import Secrets
import TaskRuntimes
import TestDatabases
import Testing

@Suite(.everyDatabase) struct SecretStoreTests {
    private let environment = Environment.live

    /// A store on a database of its own, with keys that come from a command.
    private func withStore(
        versions: Int = 20, _ body: (SecretStore, KeyRing, any Database) async throws -> Void
    ) async throws {
        let database = try await TestDatabase.open(environment: .live)
        for migrations in [KeyRing.migrations, SecretStore.migrations] {
            try await migrations.apply(to: database, clock: environment.wallClock)
        }
        let key = try MasterKey.generate().text
        let keys = try await KeyRing.open(.command("echo \(key)"), database, environment: environment)
        let store = SecretStore(database, keys: keys, clock: environment.wallClock, versionLimit: versions)
        try await body(store, keys, database)
        await database.close()
    }

    private func bytes(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }

    @Test("Each change makes a version; the newest is given unless another is asked for")
    func versions() async throws {
        try await withStore { store, _, _ in
            for text in ["one", "two", "three"] {
                _ = try await store.set("db", in: "default", bytes(text), by: "user://local/a")
            }
            let record = try await store.record("db", in: "default")
            #expect(record.version == 3 && record.revision == 3)
            #expect(record.versions.map(\.version) == [1, 2, 3])
            #expect(try await store.value("db", in: "default").secret == bytes("three"))
            #expect(try await store.value("db", in: "default", version: 1).secret == bytes("one"))
            try await store.remove("db", in: "default", version: 3, by: "user://local/a")
            #expect(try await store.value("db", in: "default").version == 2)
        }
    }

    @Test("A version's number never comes again, not even after the secret was removed")
    func monotonic() async throws {
        try await withStore { store, _, _ in
            _ = try await store.set("db", in: "default", bytes("one"), by: "a")
            try await store.remove("db", in: "default", by: "a")
            await #expect(throws: ApolloError.self) { try await store.record("db", in: "default") }
            #expect(try await store.list("default", after: nil, limit: 10).isEmpty)
            let again = try await store.set("db", in: "default", bytes("two"), by: "a")
            #expect(again.versions.map(\.version) == [2])
        }
    }

    @Test("The oldest versions go when there are more than are kept")
    func bounded() async throws {
        try await withStore(versions: 3) { store, _, _ in
            for number in 1...5 { _ = try await store.set("db", in: "p", bytes("\(number)"), by: "a") }
            #expect(try await store.record("db", in: "p").versions.map(\.version) == [3, 4, 5])
        }
    }

    @Test("Projects do not see one another's, and a row put elsewhere does not open")
    func projects() async throws {
        try await withStore { store, _, database in
            _ = try await store.set("db", in: "a", bytes("of a"), by: "a")
            _ = try await store.set("db", in: "b", bytes("of b"), by: "b")
            #expect(try await store.value("db", in: "a").secret == bytes("of a"))
            await #expect(throws: ApolloError.self) { try await store.value("db", in: "c") }
            try await database.write { transaction in
                let row = try transaction.first("SELECT sealed FROM secret_versions WHERE project = 'a'")!
                let sealed: [UInt8] = try row.get("sealed")
                try transaction.execute(
                    "UPDATE secret_versions SET sealed = ? WHERE project = 'b'", [.blob(sealed)])
            }
            await #expect(throws: ApolloError.self) { try await store.value("db", in: "b") }
        }
    }

    @Test("Any bytes are kept, and a condition that fails keeps all as it is")
    func conditions() async throws {
        try await withStore { store, _, _ in
            let binary = SecretBytes((0...255).map { UInt8($0) })
            _ = try await store.set("bin", in: "p", binary, by: "a")
            #expect(try await store.value("bin", in: "p").secret == binary)
            await #expect(throws: ApolloError.self) {
                try await store.set("bin", in: "p", bytes("x"), by: "a") { revision in
                    #expect(revision == 1)
                    throw ApolloError(.conflict, "no")
                }
            }
            #expect(try await store.record("bin", in: "p").version == 1)
        }
    }

    @Test("Secrets that are set while keys are replaced can all be read afterwards")
    func rotation() async throws {
        try await withStore { store, keys, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<50 {
                            _ = try await store.set(
                                "s\(writer)-\(number)", in: "p", bytes("\(writer) \(number)"), by: "a")
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<10 { _ = try await keys.rotate([SecretStore.table]) }
                }
                try await group.waitForAll()
            }
            _ = try await keys.finishRotation([SecretStore.table])
            #expect(keys.status.count == 1)
            for writer in 0..<4 {
                for number in 0..<50 {
                    let value = try await store.value("s\(writer)-\(number)", in: "p")
                    #expect(value.secret == bytes("\(writer) \(number)"))
                }
            }
        }
    }

    @Test("What crosses the wire is text or base 64, within its bounds, and prints as nothing")
    func content() throws {
        #expect(try SecretContent(bytes("hunter2")).secret() == bytes("hunter2"))
        let binary = SecretBytes([0, 255, 10])
        #expect(SecretContent(binary).text == nil)
        #expect(try SecretContent(binary).secret() == binary)
        var both = SecretContent(binary)
        both.text = "x"
        #expect(throws: ApolloError.self) { try both.secret() }
        #expect(throws: ApolloError.self) { try SecretContent(SecretBytes([])).secret() }
        #expect("\(SecretContent(bytes("hunter2")))" == "…")
    }
}

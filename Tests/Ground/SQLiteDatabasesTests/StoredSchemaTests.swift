import Concurrency
import Core
import Databases
import Glibc
import SQLiteDatabases
import Testing

/// How a schema proves that it can be reached from the version before: with a database that this version has written.
/// The schema here is only an example; `docs/design/storage.md` says how a real one does the same.
@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct StoredSchemaTests {
    private static let first = Migration(
        1, "make accounts",
        ["CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL, balance BIGINT NOT NULL)"])
    private static let second = Migration(
        2, "split names and add currencies",
        [
            "ALTER TABLE accounts ADD COLUMN currency TEXT NOT NULL DEFAULT 'EUR'",
            "CREATE TABLE owners (name TEXT PRIMARY KEY)",
            "INSERT INTO owners (name) SELECT DISTINCT name FROM accounts",
            "CREATE INDEX accounts_name ON accounts (name)",
        ])

    /// In the source tree: `Tests/Fixtures/Database/ledger-1.db`.
    private static func stored(_ version: Int, file: String = #filePath) -> String {
        let tests = file.split(separator: "/").prefix { $0 != "Tests" }.joined(separator: "/")
        return "/\(tests)/Tests/Fixtures/Database/ledger-\(version).db"
    }

    /// A copy of the stored database of `version`, opened.
    private func open(stored version: Int) async throws -> SQLiteDatabase {
        let path = TemporaryDirectory.current.path + "/ledger.db"
        try write(contents(of: Self.stored(version)), to: path)
        return try await SQLiteDatabase.open(path, environment: .live)
    }

    private func schema(_ steps: [Migration]) -> Migrations { Migrations(component: "ledger", steps) }

    @Test func `a database stored at version 1 reaches version 2 with all it holds`() async throws {
        let database = try await open(stored: 1)
        let applied = try await schema([Self.first, Self.second]).apply(
            to: database, clock: Environment.live.wallClock)
        #expect(applied == [2])
        let rows = try await database.read { transaction in
            try transaction.query("SELECT id, name, balance, currency FROM accounts ORDER BY id").map(
                \.values)
        }
        #expect(rows == [["a", "Grün & Söhne", 1200, "EUR"], ["b", "O'Hara", -5, "EUR"]])
        let owners = try await database.read { try $0.query("SELECT name FROM owners ORDER BY name").count }
        #expect(owners == 2)
        try await database.check()
        await database.close()
    }

    @Test func `a database stored at version 1 still opens at version 1`() async throws {
        let database = try await open(stored: 1)
        #expect(try await schema([Self.first]).apply(to: database, clock: Environment.live.wallClock) == [])
        await database.close()
    }

    @Test func `a program that knows no version refuses it, naming both`() async throws {
        let database = try await open(stored: 1)
        let error = try await databaseError {
            try await schema([]).apply(to: database, clock: Environment.live.wallClock)
        }
        #expect(error?.kind == .schemaTooNew(found: 1, known: 0))
        #expect(error?.asApolloError.kind == .unavailable)
        await database.close()
    }

    @Test func `a program whose first migration is another refuses it`() async throws {
        let database = try await open(stored: 1)
        let other = Migration(1, "make accounts", ["CREATE TABLE accounts (id TEXT PRIMARY KEY)"])
        let error = try await databaseError {
            try await schema([other, Self.second]).apply(to: database, clock: Environment.live.wallClock)
        }
        #expect(error?.kind == .corrupt)
        #expect(error?.hint != nil)
        await database.close()
    }

    /// Writes the stored database: once, when a version is released.
    @Test(.enabled(if: getenv("APOLLO_STORE_DATABASES") != nil, "set APOLLO_STORE_DATABASES to store one"))
    func `the current version is stored`() async throws {
        let path = Self.stored(1)
        try #require(access(path, F_OK) != 0, "\(path) is stored already, and never changes")
        let database = try await SQLiteDatabase.open(path, environment: .live)
        try await schema([Self.first]).apply(to: database, clock: Environment.live.wallClock)
        try await database.write { transaction in
            try transaction.executeBatch(
                "INSERT INTO accounts VALUES (?, ?, ?)", [["a", "Grün & Söhne", 1200], ["b", "O'Hara", -5]])
        }
        await database.close()
        unlink(path + ".lock")
    }
}

import Concurrency
import Core
import DatabaseContract
import SQLiteDatabases
import Testing

@Suite(.temporaryDirectory) struct ContractTests {
    @Test(arguments: Clause.all)
    func `the file keeps the contract`(_ clause: Clause) async throws {
        let directory = TemporaryDirectory.current
        let database = try await SQLiteDatabase.open(directory.path + "/test.db", environment: .live)
        try await clause.run(database)
        await database.close()
    }

    @Test(arguments: Clause.all)
    func `the database in memory keeps the contract`(_ clause: Clause) async throws {
        let database = try MemoryDatabase()
        try await clause.run(database)
        await database.close()
    }
}

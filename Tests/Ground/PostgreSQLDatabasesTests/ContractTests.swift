import Concurrency
import Core
import DatabaseContract
import Databases
import PostgreSQLDatabases
import TestDatabases
import Testing

@Suite(
    .enabled(if: PostgreSQLServer.isAvailable, "no PostgreSQL server can run here"), .timeLimit(.minutes(2)))
struct ContractTests {
    @Test(arguments: Clause.all)
    func `a server keeps the contract`(_ clause: Clause) async throws {
        let database = try await TestDatabase.postgresql.open(environment: .live)
        try await clause.run(database)
        await database.close()
    }
}

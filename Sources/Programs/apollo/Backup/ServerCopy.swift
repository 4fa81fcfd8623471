import Core
import Databases
import Glibc
import PostgreSQLDatabases
import SQLiteDatabases

/// Copies between a database on a server and the file that a backup holds: a backup is the same, wherever it came from, and goes
/// where it is wanted.
struct ServerCopy: Sendable {
    let environment: Environment

    /// Writes all that is committed in `server` now into a new file at `path`.
    func write(_ server: any Database, to path: String) async throws {
        let versions = try await PlatformSchema.versions(in: server)
        guard versions == PlatformSchema.known else {
            throw ApolloError(
                .conflict, "the database's schema is not that of this program",
                hint:
                    "start the platform with this program once, or make the backup with the program that runs"
            )
        }
        try await migrate(path)
        let file = SQLiteFile(path, wallClock: environment.wallClock)
        let tables = try file.tables()
        // One view of the server's: nothing is there by half.
        try await server.read { source in
            try file.write { try $0.replaceRows(of: tables, from: source) }
        }
    }

    /// Puts all that is in the file at `path` into `server`, which is empty, as one transaction.
    func read(_ path: String, into server: any Database) async throws {
        // One of an older program: as that of a platform that is started with a newer one.
        try await migrate(path)
        try await PlatformSchema.migrate(server, environment: environment)
        let file = SQLiteFile(path, wallClock: environment.wallClock)
        let tables = try file.tables()
        try await server.write { target in
            try file.read { try target.replaceRows(of: tables, from: $0) }
        }
    }

    /// Makes the file where there is none, with all tables that this program knows.
    private func migrate(_ path: String) async throws {
        let database = try await SQLiteDatabase.open(path, environment: environment)
        do {
            try await PlatformSchema.migrate(database, environment: environment)
            await database.close()
        } catch {
            await database.close()
            throw error
        }
        unlink(path + ".lock")
    }
}

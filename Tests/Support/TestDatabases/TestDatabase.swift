public import Core
public import Databases
import PostgreSQLDatabases
import SQLiteDatabases

/// The databases that everything stored has to work on.
public enum TestDatabase: String, CaseIterable, Sendable {
    case sqlite, postgresql

    /// Those that this machine can run.
    public static var all: [TestDatabase] {
        allCases.filter { $0 != .postgresql || PostgreSQLServer.isAvailable }
    }

    /// An empty one.
    public func open(environment: Environment) async throws -> any Database {
        switch self {
        case .sqlite: return try MemoryDatabase(clock: environment.wallClock)
        case .postgresql:
            let url = try PostgreSQLServer.shared.get().create()
            return try await PostgreSQLDatabase.open(
                PostgreSQLLocation(url: url), environment: environment)
        }
    }
}

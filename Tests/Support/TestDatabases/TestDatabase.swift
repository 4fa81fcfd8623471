public import Core
public import Databases
import Glibc
import PostgreSQLDatabases
import SQLiteDatabases

/// The databases that everything stored has to work on.
public enum TestDatabase: String, CaseIterable, Sendable {
    case sqlite, postgresql

    /// Those that this machine can run; `APOLLO_TEST_DATABASE` names the only one that is wanted.
    public static let all: [TestDatabase] = {
        let wanted = getenv("APOLLO_TEST_DATABASE").map { String(cString: $0) }
        precondition(wanted.map { TestDatabase(rawValue: $0) != nil } ?? true, "no such database: \(wanted!)")
        return allCases.filter {
            ($0 != .postgresql || PostgreSQLServer.isAvailable) && (wanted == nil || wanted == $0.rawValue)
        }
    }()

    /// The one that a test runs on now, under the trait ``EveryDatabaseTrait``.
    @TaskLocal public static var current = TestDatabase.sqlite

    /// An empty database of the current kind.
    public static func open(environment: Environment) async throws -> any Database {
        try await current.open(environment: environment)
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

import AuditStorage
import Concurrency
import Core
import Databases
import IdentityStorage
import ImageStorage
import Jobs
import Leaders
import Managers

/// The schemas of everything that keeps data in the platform's database. Whoever adds a component adds it here.
enum PlatformSchema {
    static let components: [Migrations] =
        [
            DatabaseTaskStore.migrations, LeadershipStore.migrations, DatabaseNodeStore.migrations,
            DatabaseVolumeStore.migrations,
            DatabaseAuditSink.migrations,
            DirectoryStore.migrations, JobStore.migrations,
        ]
        + PlatformSecrets.migrations + PlatformObjects.migrations + [ImageStore.migrations]

    /// Brings the database up to date. A newer one is refused before anything is changed.
    static func migrate(_ database: any Database, environment: Environment) async throws {
        for component in components { try await component.apply(to: database, clock: environment.wallClock) }
    }

    /// The newest version of each schema that this program knows.
    static var known: [String: Int] {
        Dictionary(uniqueKeysWithValues: components.map { ($0.component, $0.steps.count) })
    }

    /// The versions that the database has.
    static func versions(in database: any Database) async throws -> [String: Int] {
        try await database.read { transaction in
            var versions: [String: Int] = [:]
            try transaction.forEachRow(
                "SELECT component, CAST(MAX(version) AS BIGINT) AS version FROM schema_migrations GROUP BY component"
            ) { row in versions[try row.get("component")] = try row.get("version") }
            return versions
        }
    }
}

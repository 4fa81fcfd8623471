import CPQ
import Concurrency
public import Core
import Databases

extension PostgreSQLDatabase {
    /// What can be said of a database without changing it.
    public struct Inspection: Hashable, Sendable {
        /// Of the server: `15.20`.
        public var version: String
        /// How long it takes to answer.
        public var latency: Duration
        /// Whether the server waits for its disk.
        public var waitsForDisk: Bool
        /// The newest version of each component's schema.
        public var schema: [String: Int]
    }

    /// Connects, looks, and goes.
    ///
    /// - Throws: what ``open(_:options:environment:)`` would throw.
    public static func inspect(
        _ location: PostgreSQLLocation, environment: Environment
    ) async throws -> Inspection {
        try await withCheckedThrowingContinuation { continuation in
            OSThread.start(name: "db-inspect") {
                continuation.resume(
                    with: Result { try Connector(location, PostgreSQLOptions(), environment).inspect() })
            }
        }
    }
}

extension Connector {
    func inspect() throws(DatabaseError) -> PostgreSQLDatabase.Inspection {
        try claim()
        let pointer = try openPlain()
        defer { PQfinish(pointer) }
        let before = now
        let fsync = Self.text("SHOW fsync", [], pointer)
        let latency = before.duration(to: now)
        var schema: [String: Int] = [:]
        if Self.text("SELECT to_regclass('schema_migrations')::text", [], pointer) != nil {
            let versions = """
                SELECT string_agg(component || '=' || version, ',')
                FROM (SELECT component, MAX(version) AS version FROM schema_migrations GROUP BY component) AS v
                """
            for part in (Self.text(versions, [], pointer) ?? "").split(separator: ",") {
                let words = part.split(separator: "=")
                if words.count == 2 { schema[String(words[0])] = Int(words[1]) }
            }
        }
        let version = PQserverVersion(pointer)
        return PostgreSQLDatabase.Inspection(
            version: "\(version / 10_000).\(version % 10_000)", latency: latency,
            waitsForDisk: fsync != "off",
            schema: schema)
    }
}

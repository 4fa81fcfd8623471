import Glibc
import Synchronization
import TestServers

/// A real PostgreSQL server for tests, run by `Tests/Integration/harness/postgresql.py`.
public final class PostgreSQLServer: Sendable {
    /// The one that tests share which only need databases of their own; started by the first who asks.
    public static let shared = Result { try PostgreSQLServer() }

    /// Whether this machine can run one. The server refuses to run as root and is started as another user then.
    public static let isAvailable: Bool = {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("/usr/lib/postgresql/*/bin/postgres", 0, nil, &found) == 0 else { return false }
        return geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0
    }()

    private let server: HarnessServer
    private let databases = Mutex(0)

    /// Starts one; `isDurable` has it wait for the disk, as it would by itself.
    public init(isDurable: Bool = false) throws {
        server = try HarnessServer("postgresql.py", isDurable ? ["--durable"] : [])
    }

    /// An empty database of its own; its address.
    public func create() throws -> String {
        let number = databases.withLock { databases in
            databases += 1
            return databases
        }
        try tell("create test\(number)")
        return server.address.replacing("NAME", with: "test\(number)")
    }

    /// `kill`, `stop`, `start`, `pause`, `resume`, or `sql DATABASE STATEMENT`.
    public func tell(_ command: String) throws { try server.tell(command) }
}

import CSQLite
import Core
import Databases

extension ConnectionHandle {
    /// Marks a database as ours, in the file's header: "APLO".
    private static let applicationID = 0x4150_4C4F

    /// Opens the connection that writes, and makes the database what it should be.
    static func writer(path: String, maximumSize: ByteCount?) throws(DatabaseError) -> ConnectionHandle {
        let handle = try ConnectionHandle.open(path, readOnly: false)
        try handle.harden()
        try handle.claim()
        let mode = try handle.text(of: "PRAGMA journal_mode = WAL")
        guard mode == "wal" || path == memory else {
            throw DatabaseError(
                .unavailable, "the disk of the database '\(path)' cannot share memory between connections",
                hint: "keep the data directory on a local file system")
        }
        // FULL: every commit waits for the disk. NORMAL would lose the last ones with the power.
        try handle.run("PRAGMA synchronous = FULL")
        // A checkpoint costs two syncs and as many writes as pages changed: rather few large ones (16 MiB).
        try handle.run("PRAGMA wal_autocheckpoint = 4096")
        if let maximumSize {
            try handle.run("PRAGMA max_page_count = \(max(1, maximumSize.bytes / 4096))")
        }
        return handle
    }

    /// Opens a connection that reads beside the writer.
    static func reader(path: String) throws(DatabaseError) -> ConnectionHandle {
        let handle = try ConnectionHandle.open(path, readOnly: true)
        try handle.harden()
        return handle
    }

    static let memory = ":memory:"

    /// The settings of a connection that are not kept in the file.
    private func harden() throws(DatabaseError) {
        // Only a program outside Apollo can hold the lock: somebody looking in with a tool.
        sqlite3_busy_timeout(pointer, 5000)
        try setOption(SQLITE_DBCONFIG_ENABLE_FKEY, true)
        // As PostgreSQL: a misspelt name in double quotes is an error, and no text.
        try setOption(SQLITE_DBCONFIG_DQS_DML, false)
        try setOption(SQLITE_DBCONFIG_DQS_DDL, false)
        // A damaged or forged file must not do more than be wrong (https://sqlite.org/security.html).
        try setOption(SQLITE_DBCONFIG_DEFENSIVE, true)
        try setOption(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        try run("PRAGMA cell_size_check = ON")
        // As PostgreSQL: LIKE tells capitals from small letters.
        try run("PRAGMA case_sensitive_like = ON")
        // What a savepoint may have to undo stays in memory.
        try run("PRAGMA temp_store = MEMORY")
        try run("PRAGMA cache_size = -8192")
    }

    /// Marks an empty database as ours; refuses one that is somebody else's.
    private func claim() throws(DatabaseError) {
        let found = try text(of: "PRAGMA application_id")
        if found == String(Self.applicationID) { return }
        let tables = try text(of: "SELECT COUNT(*) FROM sqlite_schema")
        guard found == "0", tables == "0" else {
            throw DatabaseError(
                .corrupt, "'\(name)' is a database, but not one of Apollo",
                hint: "move it away, or choose another data directory")
        }
        try run("PRAGMA application_id = \(Self.applicationID)")
    }
}

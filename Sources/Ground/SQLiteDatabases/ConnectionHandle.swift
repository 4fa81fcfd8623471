import CSQLite
import Databases

/// An open connection, closed when the value goes away. Used by one thread at a time.
struct ConnectionHandle: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer
    /// What messages call the database: its path.
    let name: String

    private init(_ pointer: OpaquePointer, name: String) {
        self.pointer = pointer
        self.name = name
    }

    /// Opens the database at `path`; it must exist unless `path` is `:memory:`.
    static func open(_ path: String, readOnly: Bool) throws(DatabaseError) -> ConnectionHandle {
        var opened: OpaquePointer?
        // NOMUTEX: no connection is used by two threads at once. NOFOLLOW is left out: the directory may be a link.
        let access = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let result = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened else {
            throw DatabaseError(.unavailable, "cannot open the database '\(path)': out of memory")
        }
        // Even a connection that failed to open has to be closed.
        let handle = ConnectionHandle(opened, name: path)
        sqlite3_extended_result_codes(opened, 1)
        guard result == SQLITE_OK else { throw handle.error(result, "cannot open it") }
        return handle
    }

    /// `close_v2`, not `close`: it waits for statements that a cache still holds.
    deinit { sqlite3_close_v2(pointer) }

    /// Runs statements without parameters and results, such as pragmas.
    func run(_ sql: String) throws(DatabaseError) {
        let result = sqlite3_exec(pointer, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result, "'\(sql)' failed") }
    }

    /// The first value of the first row of a statement of ours, as text.
    func text(of sql: String) throws(DatabaseError) -> String? {
        let statement = try Statement(sql, on: self)
        guard try statement.step(on: self) else { return nil }
        switch statement.row(statement.columns()).values.first {
        case .text(let text): return text
        case .integer(let number): return String(number)
        default: return nil
        }
    }

    func setOption(_ option: Int32, _ isOn: Bool) throws(DatabaseError) {
        let result = csqlite_set_option(pointer, option, isOn ? 1 : 0)
        guard result == SQLITE_OK else { throw error(result, "cannot set option \(option)") }
    }

    /// Has `handler` asked every so often, while a statement runs, whether it must stop (anything but 0).
    func setProgressHandler(
        context: UnsafeMutableRawPointer,
        _ handler: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Int32
    ) {
        // About a tenth of a millisecond of work.
        sqlite3_progress_handler(pointer, 5000, handler, context)
    }

    func removeProgressHandler() { sqlite3_progress_handler(pointer, 0, nil, nil) }

    /// Whether no transaction is open: some errors end it (https://sqlite.org/c3ref/get_autocommit.html).
    var isIdle: Bool { sqlite3_get_autocommit(pointer) != 0 }

    /// Rows changed since it was opened, and rows changed by the last statement.
    var totalChanges: Int64 { sqlite3_total_changes64(pointer) }
    var lastChanges: Int64 { sqlite3_changes64(pointer) }

    /// The error that `code` means, with SQLite's explanation of its last failure.
    func error(_ code: Int32, _ activity: String) -> DatabaseError {
        // Some failures are not of the connection's last call; then its message is of another one.
        let isLast = sqlite3_extended_errcode(pointer) == code || sqlite3_errcode(pointer) == code
        let reason = String(cString: isLast ? sqlite3_errmsg(pointer) : sqlite3_errstr(code))
        let kind = DatabaseError.Kind(sqlite: code)
        // Only of these does SQLite keep what the system said.
        let isSystem = [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xff)
        let systemError = isLast && isSystem ? sqlite3_system_errno(pointer) : 0
        return DatabaseError(sqlite: kind, database: name, activity, reason: reason, errno: systemError)
    }
}

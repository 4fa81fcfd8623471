import CSQLite
import Databases
import Glibc

extension DatabaseError.Kind {
    /// What an extended result code means (https://sqlite.org/rescode.html).
    init(sqlite code: Int32) {
        switch code {
        case Extended.unique, Extended.primaryKey, Extended.rowID: self = .constraint(.unique)
        case Extended.foreignKey: self = .constraint(.foreignKey)
        case Extended.check: self = .constraint(.check)
        case Extended.notNull: self = .constraint(.notNull)
        default:
            switch code & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
            case SQLITE_CONSTRAINT: self = .constraint(.other)
            case SQLITE_FULL: self = .full
            case SQLITE_READONLY: self = .readOnly
            case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt
            case SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_PERM, SQLITE_NOMEM, SQLITE_NOLFS, SQLITE_PROTOCOL:
                self = .unavailable
            case SQLITE_INTERRUPT: self = .deadline
            case SQLITE_ERROR, SQLITE_RANGE, SQLITE_MISMATCH, SQLITE_MISUSE, SQLITE_TOOBIG: self = .statement
            default: self = .other
            }
        }
    }

    /// The codes that the header makes of others by macros Swift cannot see: `SQLITE_CONSTRAINT | (n << 8)`.
    private enum Extended {
        static let check = SQLITE_CONSTRAINT | 1 << 8
        static let foreignKey = SQLITE_CONSTRAINT | 3 << 8
        static let notNull = SQLITE_CONSTRAINT | 5 << 8
        static let primaryKey = SQLITE_CONSTRAINT | 6 << 8
        static let unique = SQLITE_CONSTRAINT | 8 << 8
        static let rowID = SQLITE_CONSTRAINT | 10 << 8
    }
}

extension DatabaseError {
    /// Puts a failure into words. `errno` is the system's error beneath an input or output error, or 0.
    init(sqlite kind: Kind, database: String, _ activity: String, reason: String, errno: Int32) {
        let because = errno == 0 ? reason : "\(reason) (\(String(cString: strerror(errno))))"
        // A full disk under the shared memory or at a sync is an I/O error to SQLite.
        let isFull = errno == ENOSPC || errno == EDQUOT || errno == EFBIG
        switch isFull ? .full : kind {
        case .full:
            self.init(
                .full, "no space left for the database '\(database)': \(because)",
                hint: "free space on its disk or raise its limit; what was acknowledged is safe")
        case .readOnly:
            self.init(
                .readOnly, "the database '\(database)' cannot be written: \(because)",
                hint: "make its directory and disk writable for this user, or choose another data directory")
        case .corrupt:
            self.init(
                .corrupt, "the database '\(database)' is damaged: \(because)",
                hint: "keep a copy of it for inspection and restore a backup")
        case .busy:
            self.init(
                .busy, "the database '\(database)' is locked by another program: \(because)",
                hint: "close whatever else has it open, and try again")
        case .unavailable:
            self.init(
                .unavailable, "the database '\(database)' cannot be used: \(activity): \(because)",
                hint: "check its disk and its permissions")
        case .constraint:
            self.init(kind, "refused by the schema: \(because)")
        case .deadline:
            self.init(.deadline, "\(activity): it took too long, or was cancelled")
        default:
            self.init(kind, "\(activity): \(because)")
        }
    }
}

public import Databases
import Synchronization

/// The right to be the only process on a directory, for whoever keeps no database file in it: the lock that ``SQLiteDatabase``
/// would take.
public final class DirectoryLock: Sendable {
    private let lock: Mutex<LockFile?>

    /// Takes the lock at `path`, or says who has it.
    ///
    /// - Throws: ``DatabaseError`` of kind `busy` naming the process that has it; `unavailable`.
    public init(path: String, directory: String) throws(DatabaseError) {
        lock = Mutex(try LockFile(path: path, of: "the data directory '\(directory)'"))
    }

    /// Lets go of it. Twice is harmless.
    public func release() { lock.withLock { $0 = nil } }
}

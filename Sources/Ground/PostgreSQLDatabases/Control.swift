/// The statements around those of the program, prepared on every connection. A savepoint is one write among those that share a
/// commit.
enum Control: String, CaseIterable {
    case beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    // Each statement sees what is committed when it begins, and who holds the lock is the only one to commit.
    case beginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    /// Writes run alone, also among several programs: "APLO" is the lock's number. And the transaction's own number, by which it can
    /// be asked after when the answer to its commit is lost.
    case lock = "SELECT pg_advisory_xact_lock(1095781455), pg_current_xact_id()::text"
    case commit = "COMMIT"
    case rollback = "ROLLBACK"
    case save = "SAVEPOINT write"
    case release = "RELEASE SAVEPOINT write"
    case undo = "ROLLBACK TO SAVEPOINT write"

    var name: String {
        switch self {
        case .beginReading: "begin_reading"
        case .beginWriting: "begin_writing"
        case .lock: "lock"
        case .commit: "commit"
        case .rollback: "rollback"
        case .save: "save"
        case .release: "release"
        case .undo: "undo"
        }
    }
}

import CSQLite
import Core
import DatabaseQueues
import Databases

/// A connection with its cached statements. Used by one thread at a time.
final class Connection: TransactionEngine, @unchecked Sendable {
    /// A statement in the cache, and what came of looking at it once.
    private final class Entry {
        let statement: Statement
        let columns: Columns
        var isInUse = false
        var lastUse: UInt64 = 0

        init(_ sql: String, on handle: borrowing ConnectionHandle) throws(DatabaseError) {
            statement = try Statement(sql, on: handle)
            columns = statement.columns()
        }
    }

    let handle: ConnectionHandle
    /// The database's clock: this program's, which alone uses it.
    private let wallClock: any WallClock
    /// The first error of a statement since the transaction or its savepoint began. It dooms the transaction, as it
    /// does in PostgreSQL, and no statement runs after it: some errors have ended the transaction already, and the
    /// statement would be one of its own.
    private(set) var failure: DatabaseError?
    /// Whether the transaction may change something.
    private var mayWrite = false
    private var cache: [String: Entry] = [:]
    private var controls: [Control: Entry] = [:]
    private var uses: UInt64 = 0
    /// The program has a few hundred statements; more means that somebody builds them from data.
    private let cacheLimit = 256

    init(_ handle: consuming ConnectionHandle, wallClock: any WallClock) {
        self.handle = handle
        self.wallClock = wallClock
    }

    // MARK: Transactions

    /// The statements around those of the program. A savepoint is one write among those that share a commit.
    enum Control: String, CaseIterable {
        case begin = "BEGIN"
        // At once, not at the first change: a reader that turns writer may be refused, with no way out but to begin again.
        case beginWriting = "BEGIN IMMEDIATE"
        case commit = "COMMIT"
        case rollback = "ROLLBACK"
        case save = "SAVEPOINT write"
        case release = "RELEASE write"
        case undo = "ROLLBACK TO write"
    }

    func control(_ control: Control) throws(DatabaseError) {
        switch control {
        case .begin: (failure, mayWrite) = (nil, false)
        case .beginWriting: (failure, mayWrite) = (nil, true)
        case .save: failure = nil
        case .commit, .rollback, .release, .undo: break
        }
        let entry: Entry
        if let prepared = controls[control] {
            entry = prepared
        } else {
            entry = try Entry(control.rawValue, on: handle)
            controls[control] = entry
        }
        defer { entry.statement.reset() }
        _ = try entry.statement.step(on: handle)
    }

    // MARK: TransactionEngine

    func execute(_ sql: String, _ parameters: [DatabaseValue]) throws(DatabaseError) -> Int {
        try withStatement(sql) { (entry) throws(DatabaseError) in try run(entry, parameters) }
    }

    func executeBatch(_ sql: String, _ lists: [[DatabaseValue]]) throws(DatabaseError) -> Int {
        try withStatement(sql) { (entry) throws(DatabaseError) in
            var changes = 0
            for parameters in lists {
                changes += try run(entry, parameters)
                entry.statement.reset()
            }
            return changes
        }
    }

    func forEachRow(
        _ sql: String, _ parameters: [DatabaseValue], _ body: (Row) -> Bool
    ) throws(DatabaseError) {
        try withStatement(sql) { (entry) throws(DatabaseError) in
            try entry.statement.bind(parameters, on: handle)
            while try entry.statement.step(on: handle) {
                guard body(entry.statement.row(entry.columns)) else { break }
            }
        }
    }

    func now() throws(DatabaseError) -> Timestamp { wallClock.now }

    private func withStatement<Value>(
        _ sql: String, _ body: (Entry) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        if let failure { throw failure }
        do throws(DatabaseError) {
            let entry = try checkOut(sql)
            defer { checkIn(entry) }
            guard mayWrite || entry.statement.isReadOnly else {
                throw DatabaseError(
                    .statement, "a read may not change the database, as '\(sql.prefix(200))' would")
            }
            return try body(entry)
        } catch {
            failure = error
            throw error
        }
    }

    private func run(_ entry: Entry, _ parameters: [DatabaseValue]) throws(DatabaseError) -> Int {
        let before = handle.totalChanges
        try entry.statement.bind(parameters, on: handle)
        while try entry.statement.step(on: handle) {}
        // After a statement that changes nothing, `changes` still tells of the one before.
        return handle.totalChanges == before ? 0 : Int(handle.lastChanges)
    }

    // MARK: The cache

    /// The statement for `sql`, prepared now if the cache has none that is free: a loop over rows may run its own
    /// statement again.
    private func checkOut(_ sql: String) throws(DatabaseError) -> Entry {
        uses += 1
        if let entry = cache[sql], !entry.isInUse {
            entry.isInUse = true
            entry.lastUse = uses
            return entry
        }
        if let fault = PortableSQL.fault(in: sql) {
            throw DatabaseError(.statement, "'\(sql.prefix(200))' would not run everywhere: \(fault)")
        }
        let entry = try Entry(sql, on: handle)
        entry.isInUse = true
        entry.lastUse = uses
        if cache[sql] == nil {
            if cache.count >= cacheLimit { evict() }
            cache[sql] = entry
        }
        return entry
    }

    private func checkIn(_ entry: Entry) {
        entry.statement.reset()
        entry.isInUse = false
    }

    /// Drops the older half of what is not in use.
    private func evict() {
        let ages = cache.values.map(\.lastUse).sorted()
        let median = ages[ages.count / 2]
        cache = cache.filter { $0.value.isInUse || $0.value.lastUse > median }
    }
}

extension Connection {
    /// Runs `operation` on one view of what is committed.
    func read(_ operation: Operation) {
        do {
            try control(.begin)
            operation.perform(in: self)
            if let failure, operation.hasSucceeded { operation.fail(failure) }
            // There is nothing to keep, and some errors have ended it already.
            if !handle.isIdle { try control(.rollback) }
        } catch {
            operation.fail(error)
        }
    }

    /// Runs `operation` as a transaction of its own.
    func write(_ operation: Operation) {
        do {
            try control(.beginWriting)
            operation.perform(in: self)
            if let failure, operation.hasSucceeded { operation.fail(failure) }
            if operation.hasSucceeded { try control(.commit) }
        } catch {
            operation.fail(error)
        }
        // A transaction that cannot be rolled back stands in the way of the next, which fails with the reason.
        if !handle.isIdle { try? control(.rollback) }
    }
}

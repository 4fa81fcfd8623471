public import Core

/// The statements of one transaction, lent to a closure: it can be neither kept nor copied.
public struct Transaction: ~Copyable {
    private let engine: any TransactionEngine

    /// For implementations of ``Database`` only.
    public init(engine: any TransactionEngine) { self.engine = engine }

    /// The time by the database's own clock, which is the same for every program that uses it. Not the time of the
    /// transaction's beginning.
    public borrowing func now() throws(DatabaseError) -> Timestamp { try engine.now() }

    /// Runs `sql`, which returns no rows, and says how many rows it inserted, updated or deleted.
    @discardableResult
    public borrowing func execute(
        _ sql: String, _ parameters: [DatabaseValue] = []
    ) throws(DatabaseError) -> Int {
        try engine.execute(sql, parameters)
    }

    /// Runs `sql` once for each list of parameters, and says how many rows changed in all.
    @discardableResult
    public borrowing func executeBatch(
        _ sql: String, _ lists: [[DatabaseValue]]
    ) throws(DatabaseError) -> Int {
        try engine.executeBatch(sql, lists)
    }

    /// All rows of `sql`. Bound it (`LIMIT`) where the table has no bound of its own.
    public borrowing func query(
        _ sql: String, _ parameters: [DatabaseValue] = []
    ) throws(DatabaseError) -> [Row] {
        var rows: [Row] = []
        try engine.forEachRow(sql, parameters) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// The first row of `sql`, or nil.
    public borrowing func first(
        _ sql: String, _ parameters: [DatabaseValue] = []
    ) throws(DatabaseError) -> Row? {
        var first: Row?
        try engine.forEachRow(sql, parameters) { row in
            first = row
            return false
        }
        return first
    }

    /// Gives each row of `sql` to `body` without holding them all.
    public borrowing func forEachRow(
        _ sql: String, _ parameters: [DatabaseValue] = [], _ body: (Row) throws -> Void
    ) throws {
        var failure: (any Error)?
        try engine.forEachRow(sql, parameters) { row in
            do {
                try body(row)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
    }
}

/// What an implementation of ``Database`` runs statements with. Called on one thread at a time.
public protocol TransactionEngine: AnyObject {
    func execute(_ sql: String, _ parameters: [DatabaseValue]) throws(DatabaseError) -> Int

    func executeBatch(_ sql: String, _ lists: [[DatabaseValue]]) throws(DatabaseError) -> Int

    /// Calls `body` with each row until there are no more or it returns false.
    func forEachRow(
        _ sql: String, _ parameters: [DatabaseValue], _ body: (Row) -> Bool
    ) throws(DatabaseError)

    /// The time by the database's clock.
    func now() throws(DatabaseError) -> Timestamp
}

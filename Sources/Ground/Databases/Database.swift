/// Where state is kept: SQLite embedded, PostgreSQL at scale; one schema and one contract suite for both.
///
/// Closures run on a thread of the database, once each, and may block it: they call the transaction and nothing that
/// waits. What they throw undoes the transaction and reaches the caller unchanged. ``PortableSQL`` says which SQL is
/// understood; parameters are `?`, in order.
public protocol Database: Sendable {
    /// Runs `body` on one consistent view of what is committed. It never waits for writers.
    ///
    /// - Throws: what `body` throws; ``DatabaseError``; `CancellationError` if the task is cancelled before the result
    ///   is there.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value

    /// Runs `body` alone, as a transaction that is undone if it throws, and returns once its changes are durable:
    /// they survive the loss of power.
    ///
    /// Writes of many tasks share one commit, each still succeeds or fails alone; so the way to write much is to write
    /// concurrently, or many rows in one transaction.
    ///
    /// - Throws: what `body` throws; ``DatabaseError``, with nothing written, except that after one of kind `full`,
    ///   `unavailable` or `other` from the commit itself only reading tells whether the change is there;
    ///   `CancellationError` if the task is cancelled before `body` starts, never later.
    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value

    /// What was done so far.
    var statistics: DatabaseStatistics { get }

    /// Refuses new calls, finishes those queued, and lets go of the database. Closing twice is harmless.
    func close() async
}

extension Database {
    /// Nothing, of a database that does not count.
    public var statistics: DatabaseStatistics { DatabaseStatistics() }
}

public import Core
import DatabaseQueues
public import Databases
import Synchronization

/// A database that is gone with its object. It runs everything at once on the caller's thread, so that a simulation
/// with it stays deterministic.
public final class MemoryDatabase: Database {
    private let connection: Mutex<Connection?>

    /// `clock` is the database's clock.
    public init(clock: any WallClock = StoppedClock()) throws(DatabaseError) {
        connection = Mutex(
            Connection(try .writer(path: ConnectionHandle.memory, maximumSize: nil), wallClock: clock))
    }

    /// Stands at the beginning of 1970: for who has no use for the database's clock.
    public struct StoppedClock: WallClock {
        public init() {}
        public var now: Timestamp { Timestamp(microseconds: 0) }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try run(body) { connection, operation in connection.read(operation) }
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try run(body) { connection, operation in connection.write(operation) }
    }

    public func close() async {
        connection.withLock { $0 = nil }
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value,
        _ perform: (Connection, BodyOperation<Value>) -> Void
    ) throws -> Value {
        try Task.checkCancellation()
        return try connection.withLock { connection in
            guard let connection else { throw DatabaseError(.closed, "the database is closed") }
            let operation = BodyOperation(at: .init(nanoseconds: 0), within: .nanoseconds(Int64.max), body)
            perform(connection, operation)
            return try operation.value
        }
    }
}

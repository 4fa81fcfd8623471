import Core
public import Databases
import Synchronization

/// The database as the leader of one term uses it: each write is conditional on the term's epoch, in the same transaction. Once
/// another leads nothing is written any more, however late it comes.
public final class FencedDatabase: Database {
    private let database: any Database
    public let epoch: Int64
    private let doubt: @Sendable (String) -> Void
    /// Whether what a failed commit left may have to be found out by reading: the database is across a network.
    private let isRemote: Bool

    /// - Parameters:
    ///   - isRemote: whether commits can get lost on the way, so that nobody knows what became of them.
    ///   - doubt: told that the term should end, and why: others lead, or what is in memory may not be what is stored.
    public init(
        _ database: any Database, epoch: Int64, isRemote: Bool,
        doubt: @escaping @Sendable (String) -> Void
    ) {
        self.database = database
        self.epoch = epoch
        self.isRemote = isRemote
        self.doubt = doubt
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await database.read(body)
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        let epoch = epoch
        do {
            return try await database.write { transaction in
                try Self.check(epoch, transaction)
                return try body(transaction)
            }
        } catch let error as Fenced {
            doubt(error.error.message)
            throw error.error
        } catch let error as DatabaseError {
            if isRemote, Self.isUnclear(error.kind) {
                doubt("it is not known whether a change was stored: \(error.message)")
            }
            throw error
        }
    }

    public var statistics: DatabaseStatistics { database.statistics }

    /// It is closed by who opened it: terms come and go.
    public func close() async {}

    private struct Fenced: Error {
        var error: ApolloError
    }

    private static func check(_ epoch: Int64, _ transaction: borrowing Transaction) throws {
        let row = try transaction.first("SELECT epoch FROM leadership WHERE cluster = 'local'")
        let current: Int64? = try row?.get("epoch")
        guard current == epoch else {
            throw Fenced(
                error: ApolloError(
                    .unavailable,
                    "this manager no longer leads: its epoch is \(epoch), the platform's \(current.map { "\($0)" } ?? "none")",
                    hint: "try again; another manager answers"))
        }
    }

    private static func isUnclear(_ kind: DatabaseError.Kind) -> Bool {
        switch kind {
        case .unavailable, .other, .full: true
        case .busy, .constraint, .readOnly, .corrupt, .schemaTooNew, .overloaded, .deadline, .closed,
            .statement,
            .mismatch:
            false
        }
    }
}

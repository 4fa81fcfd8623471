public import Core
public import Databases
public import ObjectModel

/// The files of a store, for whoever copies them.
extension ObjectStore {
    /// Runs `body` while every file stays that is there or comes, whatever is removed: so a copy of the database that is made within
    /// names no file that is not there. What a crash leaves of it the next start removes.
    public func keepingFiles<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async rethrows -> Value {
        directory.beginHold()
        defer { directory.endHold() }
        return try await body()
    }

    /// All files that are named in a database, which may be a copy, in their order.
    public static func files(_ transaction: borrowing Transaction) throws -> [ContentID] {
        try transaction.query(
            "SELECT DISTINCT file FROM object_contents WHERE file IS NOT NULL ORDER BY file"
        ).map { try $0.get("file") }
    }
}

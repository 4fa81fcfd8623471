public import Core
public import Databases
public import ObjectModel

/// Bytes that belong to no object, but to rows of another module in the same database: it names them by their ``ContentID``.
///
/// Such contents are stored, checked and removed like those of objects, and are no orphans for as long as they are stored.
extension ObjectStore {
    /// The bytes of a block of a file: whoever has so many at once gives them on as they are.
    public static var blockBytes: Int { BlobFile.blockBytes }

    /// Begins bytes, all of which `observer` is given in their order, on threads of the store.
    public func write(observer: @escaping @Sendable ([UInt8]) -> Void) -> ContentWriter {
        ContentWriter(self, environment.identifier(), observer: observer)
    }

    /// Stores `contents` in one transaction with what `body` does, and removes the files that it returns besides its value.
    ///
    /// - Parameter body: gives the contents their names. Where it throws nothing is stored, and their bytes are removed.
    public func keep<Value: Sendable>(
        _ contents: [StoredContent] = [],
        _ body: @escaping @Sendable (borrowing Transaction) throws -> (value: Value, files: [ContentID])
    ) async throws -> Value {
        defer { for content in contents { directory.end(content.id) } }
        let done: (value: Value, files: [ContentID])
        do {
            done = try await database.write { transaction in
                for content in contents { try InlineData.insert(content, transaction) }
                return try body(transaction)
            }
        } catch {
            // A failed commit may have happened all the same: then the files are not orphans. Else the next start removes them.
            if !(error is DatabaseError) { await discard(contents) }
            throw error
        }
        await remove(done.files)
        return done.value
    }

    /// One consistent view of the database that contents are named in.
    public func view<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await database.read(body)
    }

    /// Removes bytes that were never given a name.
    public func discard(_ contents: [StoredContent]) async {
        let files = contents.compactMap { content in
            if case .file = content.place { content.id } else { nil }
        }
        await remove(files)
        for file in files { directory.end(file) }
    }

    /// Lets go of a content within a transaction; the files to remove once that is committed.
    public static func release(
        _ content: ContentID, _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        try ObjectRows.release(content, transaction)
    }

    /// Makes one content of several, in their order, without moving a byte.
    public static func join(
        _ parts: [ContentID], as whole: ContentID, _ transaction: borrowing Transaction
    ) throws {
        for (position, part) in parts.enumerated() {
            try transaction.execute(
                "UPDATE object_contents SET content = ?, position = ? WHERE content = ?",
                [DatabaseValue(whole), DatabaseValue(position), DatabaseValue(part)])
        }
    }

    /// Opens a content of `size` bytes; nil where it is gone.
    ///
    /// - Throws: ``ApolloError`` of kind `corrupt` where it is not what was stored.
    public func open(content: ContentID, size: Int64) async throws -> ContentReader? {
        let rows = try await rows(of: content)
        guard !rows.isEmpty else { return nil }
        guard let reader = try await reader(of: rows), reader.size == size else { return nil }
        // Of several files the others are opened when their turn comes: they have to be there still.
        guard rows.count > 1 else { return reader }
        return try await self.rows(of: content).isEmpty ? nil : reader
    }

    private func rows(of content: ContentID) async throws -> [Row] {
        try await database.read { transaction in
            try transaction.query(
                "SELECT file, size, data, checksum, salt FROM object_contents WHERE content = ? ORDER BY position",
                [DatabaseValue(content)])
        }
    }
}

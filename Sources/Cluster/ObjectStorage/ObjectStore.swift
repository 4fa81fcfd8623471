import Concurrency
public import Core
public import Databases
public import ObjectModel
import Synchronization

/// Buckets and objects: what is known of them in a database, their bytes in files, or, where they are few, in the database too.
///
/// An object is published by the commit of its row, when its bytes are on the disk: a crash at any point leaves the old object or
/// the new one. Files that no row names are removed by ``collectOrphans()``. One process uses a store at a time.
public final class ObjectStore: Sendable {
    public static let migrations = ObjectSchema.migrations
    /// Up to so many bytes are kept in the database: one commit, that many share, rather than a file of their own.
    static let inlineBytes = 16 << 10

    let directory: BlobDirectory
    let database: any Database
    let environment: Environment
    let pool: BlockingPool
    let note: @Sendable (String) -> Void
    private let known = Mutex<[BucketName: BucketRecord]>([:])

    /// - Parameter note: told what went wrong, and can be lived with.
    public init(
        _ directory: BlobDirectory, _ database: any Database, environment: Environment,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.directory = directory
        self.database = database
        self.environment = environment
        self.note = note
        pool = BlockingPool(name: "objects", threads: 16, queueLimit: 16_384)
    }

    /// Reads which buckets there are. First of all.
    public func load() async throws {
        let rows = try await database.read { transaction in
            try transaction.query("SELECT name, project, created_at, created_by FROM object_buckets")
        }
        var buckets: [BucketName: BucketRecord] = [:]
        for row in rows {
            guard let name = BucketName(parsing: try row.get("name")) else {
                throw ApolloError(.corrupt, "a bucket has a name that cannot be one")
            }
            buckets[name] = BucketRecord(
                name: name, project: try row.get("project"), createdAt: try row.get("created_at"),
                createdBy: try row.get("created_by"))
        }
        known.withLock { $0 = buckets }
    }

    // MARK: Buckets

    /// All buckets, by their names.
    public func buckets() -> [BucketRecord] {
        known.withLock { Array($0.values) }.sorted { $0.name < $1.name }
    }

    public func bucket(_ name: BucketName) throws(StoreError) -> BucketRecord {
        guard let bucket = known.withLock({ $0[name] }) else { throw .noBucket }
        return bucket
    }

    public func createBucket(_ name: BucketName, project: String, by principal: String) async throws {
        let bucket = BucketRecord(
            name: name, project: project, createdAt: environment.wallClock.now, createdBy: principal)
        let other: String? = try await database.write { transaction in
            let made = try transaction.execute(
                """
                INSERT INTO object_buckets (name, organisation, project, created_at, created_by)
                VALUES (?, 'default', ?, ?, ?) ON CONFLICT (name) DO NOTHING
                """,
                [
                    .text(name.text), .text(project), DatabaseValue(bucket.createdAt), .text(principal),
                ])
            guard made == 0 else { return nil }
            return try transaction.first(
                "SELECT project FROM object_buckets WHERE name = ?", [.text(name.text)])?.get("project")
        }
        if let other { throw StoreError.bucketExists(project: other) }
        known.withLock { $0[name] = bucket }
    }

    public func deleteBucket(_ name: BucketName) async throws {
        let (isGone, files) = try await database.write { transaction -> (Bool, [ContentID]) in
            let object = try transaction.first(
                "SELECT key FROM objects WHERE bucket = ? LIMIT 1", [.text(name.text)])
            guard object == nil else { throw StoreError.bucketNotEmpty }
            // What is not put together yet does not count, and goes with it.
            let files = try UploadRows.removeAll(in: name, transaction)
            let count = try transaction.execute(
                "DELETE FROM object_buckets WHERE name = ?", [.text(name.text)])
            return (count > 0, files)
        }
        known.withLock { $0[name] = nil }
        await remove(files)
        if !isGone { throw StoreError.noBucket }
    }

    // MARK: Reading

    public func object(_ key: ObjectKey, in bucket: BucketName) async throws -> ObjectRecord {
        let found = try await database.read { try ObjectRows.find(key, in: bucket, $0) }
        guard let found else { throw StoreError.noObject }
        return found
    }

    /// An object as it is now, with its bytes.
    public func open(_ key: ObjectKey, in bucket: BucketName) async throws -> (ObjectRecord, ContentReader) {
        // Between its row and its file an object may be replaced, and its file removed: then again.
        for _ in 0..<5 {
            let (record, rows) = try await database.read { transaction in
                guard let record = try ObjectRows.find(key, in: bucket, transaction) else {
                    throw StoreError.noObject
                }
                return (
                    record,
                    try transaction.query(
                        "SELECT file, size, data, checksum FROM object_contents WHERE content = ? ORDER BY position",
                        [DatabaseValue(record.content)])
                )
            }
            if let reader = try await open(rows, record) { return (record, reader) }
        }
        throw ApolloError(
            .corrupt, "the bytes of '\(key)' in the bucket '\(bucket)' are missing",
            hint: "bring the directory of objects back from a copy")
    }

    /// Nil where a file is gone.
    private func open(_ rows: [Row], _ record: ObjectRecord) async throws -> ContentReader? {
        guard let reader = try await reader(of: rows), reader.size == record.size else { return nil }
        // Of several files the others are opened when their turn comes: they have to be there still.
        guard rows.count > 1 else { return reader }
        let isThere = try await database.read { transaction in
            try transaction.first(
                "SELECT content FROM objects WHERE content = ? LIMIT 1", [DatabaseValue(record.content)])
                != nil
        }
        return isThere ? reader : nil
    }

    /// Nil where the first file is gone.
    func reader(of rows: [Row]) async throws -> ContentReader? {
        var pieces: [ContentReader.Piece] = []
        for row in rows {
            if let blob: ContentID = try row.get("file") {
                pieces.append(.file(blob, size: try row.get("size")))
            } else {
                pieces.append(.inline(try InlineData.check(row)))
            }
        }
        let reader = ContentReader(self, pieces)
        return try await reader.prepare() ? reader : nil
    }

    // MARK: Writing

    /// Begins an object's bytes.
    public func write() -> ContentWriter { ContentWriter(self, environment.identifier()) }

    /// Gives `content` its name: from then on it is the object. Returns it once this is durable.
    public func publish(
        _ content: StoredContent, as record: ObjectRecord, in bucket: BucketName,
        if condition: ObjectCondition = .none
    ) async throws -> ObjectRecord {
        var record = record
        record.content = content.id
        record.size = content.size
        let final = record
        defer { directory.end(content.id) }
        do {
            try await commit(bucket) { transaction in
                try InlineData.insert(content, transaction)
                return try Self.replace(final, in: bucket, if: condition, transaction)
            }
        } catch {
            // A failed commit may have happened all the same: then the file belongs to the object.
            if case .file = content.place, !(error is DatabaseError) { await remove([content.id]) }
            throw error
        }
        return final
    }

    /// Makes `target` of `source`, and shares its bytes.
    ///
    /// - Parameter change: makes the record of the copy of that of the original; what it throws is thrown.
    public func copy(
        _ source: ObjectKey, in sourceBucket: BucketName, to bucket: BucketName,
        if condition: ObjectCondition = .none,
        _ change: @escaping @Sendable (ObjectRecord) throws -> ObjectRecord
    ) async throws -> ObjectRecord {
        let copied = Mutex<ObjectRecord?>(nil)
        try await commit(bucket) { transaction in
            guard let original = try ObjectRows.find(source, in: sourceBucket, transaction) else {
                throw StoreError.noObject
            }
            var record = try change(original)
            record.content = original.content
            record.size = original.size
            let final = record
            copied.withLock { $0 = final }
            return try Self.replace(final, in: bucket, if: condition, transaction)
        }
        guard let record = copied.withLock(\.self) else { throw StoreError.noObject }
        return record
    }

    /// Removes an object. One that is not there is no failure, unless a condition wants it.
    public func delete(
        _ key: ObjectKey, in bucket: BucketName, if condition: ObjectCondition = .none
    ) async throws {
        try await commit(bucket) { transaction in
            let old = try ObjectRows.find(key, in: bucket, transaction)
            try Self.check(condition, old)
            guard let old else { return [] }
            try transaction.execute(
                "DELETE FROM objects WHERE bucket = ? AND key = ?", [.text(bucket.text), .text(key.text)])
            return try ObjectRows.release(old.content, transaction)
        }
    }

    private static func check(_ condition: ObjectCondition, _ old: ObjectRecord?) throws {
        do throws(ObjectCondition.Refusal) { try condition.check(old?.tag) } catch {
            throw error == .missing ? StoreError.noObject : StoreError.conditionFailed
        }
    }

    static func replace(
        _ record: ObjectRecord, in bucket: BucketName, if condition: ObjectCondition,
        _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        let old = try ObjectRows.find(record.key, in: bucket, transaction)
        try check(condition, old)
        try ObjectRows.put(record, in: bucket, transaction)
        guard let old, old.content != record.content else { return [] }
        return try ObjectRows.release(old.content, transaction)
    }

    /// Commits `body`, and removes the files that it returns.
    func commit(
        _ bucket: BucketName, _ body: @escaping @Sendable (borrowing Transaction) throws -> [ContentID]
    ) async throws {
        let files: [ContentID]
        do {
            files = try await database.write(body)
        } catch let error as DatabaseError where error.kind == .constraint(.foreignKey) {
            throw StoreError.noBucket
        }
        await remove(files)
    }

    /// What cannot be removed now is an orphan of the next start.
    func remove(_ files: [ContentID]) async {
        guard !files.isEmpty else { return }
        do {
            try await pool.run("remove objects") { [directory] in
                for file in files { try directory.remove(file) }
            }
        } catch {
            note("files of removed objects stay until the next start: \(error)")
        }
    }
}

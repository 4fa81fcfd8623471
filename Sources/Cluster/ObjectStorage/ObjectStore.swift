import Concurrency
public import Core
public import Databases
public import LaneDigests
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
    /// How long a day of the rules is that objects go by.
    public let lifecycleDay: Duration
    private let keys: ObjectKeys?
    let pool: BlockingPool
    /// The tags of what is stored at the same time are computed beside each other.
    let lanes = MD5Lanes(threads: 4)
    let note: @Sendable (String) -> Void
    let known = Mutex<[BucketName: BucketRecord]>([:])

    /// - Parameters:
    ///   - keys: nil where no bytes can be hidden by the platform's key.
    ///   - lifecycleDay: how long a day of the rules is that objects go by.
    ///   - note: told what went wrong, and can be lived with.
    public init(
        _ directory: BlobDirectory, _ database: any Database, environment: Environment,
        keys: ObjectKeys? = nil, lifecycleDay: Duration = LifecycleDecisions.day,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.directory = directory
        self.database = database
        self.environment = environment
        self.note = note
        self.keys = keys
        self.lifecycleDay = lifecycleDay
        pool = BlockingPool(name: "objects", threads: 16, queueLimit: 16_384)
    }

    /// Reads which buckets there are. First of all.
    public func load() async throws {
        let rows = try await database.read { transaction in
            try transaction.query(
                "SELECT name, project, created_at, created_by, settings FROM object_buckets")
        }
        var buckets: [BucketName: BucketRecord] = [:]
        for row in rows {
            guard let name = BucketName(parsing: try row.get("name")) else {
                throw ApolloError(.corrupt, "a bucket has a name that cannot be one")
            }
            buckets[name] = BucketRecord(
                name: name, project: try row.get("project"), createdAt: try row.get("created_at"),
                createdBy: try row.get("created_by"),
                settings: try BucketRows.settings(row.get("settings")))
        }
        known.withLock { $0 = buckets }
    }

    // MARK: Reading

    /// - Parameter version: the newest unless said.
    public func object(
        _ key: ObjectKey, version: ObjectVersion? = nil, in bucket: BucketName
    ) async throws -> ObjectRecord {
        try await database.read { try VersionRows.object(key, version, in: bucket, $0) }
    }

    /// An object as it is now, with its bytes.
    ///
    /// - Parameters:
    ///   - version: the newest unless said.
    ///   - customer: the key of a client who hid the bytes by it, which has been held against the object's own; nil for others.
    public func open(
        _ key: ObjectKey, version: ObjectVersion? = nil, in bucket: BucketName, customer: ContentKey? = nil
    ) async throws -> (ObjectRecord, ContentReader) {
        // Between its row and its file an object may be replaced, and its file removed: then again.
        for _ in 0..<5 {
            let (record, rows) = try await database.read { transaction in
                let record = try VersionRows.object(key, version, in: bucket, transaction)
                return (
                    record,
                    try transaction.query(
                        "SELECT file, size, data, checksum, salt FROM object_contents WHERE content = ? ORDER BY position",
                        [DatabaseValue(record.content)])
                )
            }
            if let reader = try await open(rows, record, customer) { return (record, reader) }
        }
        throw ApolloError(
            .corrupt, "the bytes of '\(key)' in the bucket '\(bucket)' are missing",
            hint: "bring the directory of objects back from a copy")
    }

    /// Nil where a file is gone.
    private func open(
        _ rows: [Row], _ record: ObjectRecord, _ customer: ContentKey?
    ) async throws -> ContentReader? {
        let key = try await contentKey(record.attributes.encryption, customer)
        guard let reader = try await reader(of: rows, key), reader.size == record.size else { return nil }
        // Of several files the others are opened when their turn comes: they have to be there still.
        guard rows.count > 1 else { return reader }
        let isThere = try await database.read { try ObjectRows.isUsed(record.content, $0) }
        return isThere ? reader : nil
    }

    /// Nil where the first file is gone.
    ///
    /// - Parameter key: what bytes are hidden by; nil where none are.
    func reader(of rows: [Row], _ key: ContentKey? = nil) async throws -> ContentReader? {
        var pieces: [ContentReader.Piece] = []
        for row in rows {
            let salt: String? = try row.get("salt")
            let cipher = try salt.map { salt in
                guard let key else { throw StoreError.keyMissing }
                return try ContentCipher(key, salt: salt)
            }
            if let blob: ContentID = try row.get("file") {
                pieces.append(.file(blob, size: try row.get("size"), cipher))
            } else {
                let bytes = try InlineData.check(row)
                pieces.append(.inline(try cipher?.open(bytes, 0) ?? bytes))
            }
        }
        let reader = ContentReader(self, pieces)
        return try await reader.prepare() ? reader : nil
    }

    // MARK: Writing

    /// Begins an object's bytes, which stay as they come.
    public func write() -> ContentWriter { ContentWriter(self, environment.identifier(), nil) }

    /// The same for bytes that are hidden.
    ///
    /// - Parameters:
    ///   - customer: the key of a client who keeps it.
    ///   - digest: hashes all of the bytes as they came.
    ///   - observer: given all of them in their order, on threads of the store.
    public func write(
        hidden encryption: ObjectEncryption?, customer: ContentKey? = nil,
        digest: MD5Stream? = nil, observer: (@Sendable ([UInt8]) -> Void)? = nil
    ) async throws -> ContentWriter {
        let key = try await contentKey(encryption, customer)
        return ContentWriter(
            self, environment.identifier(), try key.map { try ContentCipher($0) }, digest: digest,
            observer: observer)
    }

    private func contentKey(
        _ encryption: ObjectEncryption?, _ customer: ContentKey?
    ) async throws -> ContentKey? {
        switch encryption {
        case nil: return nil
        case .customer:
            guard let customer else { throw StoreError.keyMissing }
            return customer
        case .platform, .named:
            guard let keys else { throw StoreError.keyMissing }
            var name: String?
            if case .named(let text) = encryption { name = text }
            return ContentKey(platform: try await keys.secret(), name: name)
        }
    }

    /// Gives `content` its name: from then on it is the object. Returns it once this is durable.
    public func publish(
        _ content: StoredContent, as record: ObjectRecord, in bucket: BucketName,
        if condition: ObjectCondition = .none
    ) async throws -> ObjectRecord {
        defer { directory.end(content.id) }
        do {
            let stamp = try stamp(bucket)
            let made = Mutex(record)
            try await commit(bucket) { transaction, usage in
                var record = record
                record.content = content.id
                record.size = content.size
                try InlineData.insert(content, transaction)
                let files = try VersionRows.replace(
                    &record, in: bucket, stamp, if: condition, &usage, transaction)
                let final = record
                made.withLock { $0 = final }
                return files
            }
            return made.withLock(\.self)
        } catch {
            // A failed commit may have happened all the same: then the file belongs to the object.
            if case .file = content.place, !(error is DatabaseError) { await remove([content.id]) }
            throw error
        }
    }

    /// Makes `target` of `source`, and shares its bytes.
    ///
    /// - Parameter change: makes the record of the copy of that of the original; what it throws is thrown.
    public func copy(
        _ source: ObjectKey, version: ObjectVersion? = nil, in sourceBucket: BucketName,
        to bucket: BucketName,
        if condition: ObjectCondition = .none,
        _ change: @escaping @Sendable (ObjectRecord) throws -> ObjectRecord
    ) async throws -> ObjectRecord {
        let stamp = try stamp(bucket)
        let copied = Mutex<ObjectRecord?>(nil)
        try await commit(bucket) { transaction, usage in
            let original = try VersionRows.object(source, version, in: sourceBucket, transaction)
            var record = try change(original)
            record.content = original.content
            record.size = original.size
            let files = try VersionRows.replace(
                &record, in: bucket, stamp, if: condition, &usage, transaction)
            let final = record
            copied.withLock { $0 = final }
            return files
        }
        guard let record = copied.withLock(\.self) else { throw StoreError.noObject }
        return record
    }

    /// Removes an object, or one version of it for good. One that is not there is no failure.
    ///
    /// - Parameters:
    ///   - owner: whose the sign is that it was removed, where the bucket keeps versions.
    ///   - bypasses: whether what is locked for governance goes all the same.
    @discardableResult
    public func delete(
        _ key: ObjectKey, version: ObjectVersion? = nil, in bucket: BucketName,
        if condition: ObjectCondition = .none, by owner: String = "",
        bypassingGovernance bypasses: Bool = false
    ) async throws -> Removal {
        let stamp = try stamp(bucket)
        let content = environment.identifier(of: ContentKind.self)
        let removed = Mutex(Removal(version: nil, isMarker: false))
        try await commit(bucket) { transaction, usage in
            let (removal, files) =
                if let version {
                    try VersionRows.remove(key, version: version, in: bucket, &usage, transaction) { found in
                        try VersionRows.checkRemoval(condition, found)
                        let lock = found.attributes.lock ?? ObjectLock()
                        guard lock.allowsRemoval(at: stamp.now, bypasses: bypasses) else {
                            throw StoreError.locked
                        }
                    }
                } else {
                    try VersionRows.remove(
                        key, in: bucket, stamp, if: condition, by: owner, content: content, &usage,
                        transaction)
                }
            removed.withLock { $0 = removal }
            return files
        }
        return removed.withLock(\.self)
    }

    /// Commits `body` with what it makes more or less, and removes the files that it returns.
    func commit(
        _ bucket: BucketName,
        _ body: @escaping @Sendable (borrowing Transaction, inout UsageChange) throws -> [ContentID]
    ) async throws {
        let files: [ContentID]
        do {
            files = try await database.write { transaction in
                var usage = UsageChange()
                let files = try body(transaction, &usage)
                try usage.settle(transaction)
                return files
            }
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

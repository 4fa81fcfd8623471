import Core
import Databases
public import ObjectModel
import Synchronization

extension ObjectStore {
    /// All buckets, by their names.
    public func buckets() -> [BucketRecord] {
        known.withLock { Array($0.values) }.sorted { $0.name < $1.name }
    }

    public func bucket(_ name: BucketName) throws(StoreError) -> BucketRecord {
        guard let bucket = known.withLock({ $0[name] }) else { throw .noBucket }
        return bucket
    }

    public func createBucket(
        _ name: BucketName, project: String, by principal: String, settings: BucketSettings = BucketSettings()
    ) async throws {
        let bucket = BucketRecord(
            name: name, project: project, createdAt: environment.wallClock.now, createdBy: principal,
            settings: settings)
        let text = try BucketRows.text(settings)
        let other: String? = try await database.write { transaction in
            let made = try transaction.execute(
                """
                INSERT INTO object_buckets (name, organisation, project, created_at, created_by, settings)
                VALUES (?, 'default', ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING
                """,
                [
                    .text(name.text), .text(project), DatabaseValue(bucket.createdAt), .text(principal),
                    .text(text),
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
            for table in ["objects", "object_versions"] {
                let object = try transaction.first(
                    "SELECT key FROM \(table) WHERE bucket = ? LIMIT 1", [.text(name.text)])
                guard object == nil else { throw StoreError.bucketNotEmpty }
            }
            // What is not put together yet does not count, and goes with it.
            var usage = UsageChange()
            let files = try UploadRows.removeAll(in: name, &usage, transaction)
            try UsageRows.removeAll(in: name, transaction)
            let count = try transaction.execute(
                "DELETE FROM object_buckets WHERE name = ?", [.text(name.text)])
            return (count > 0, files)
        }
        known.withLock { $0[name] = nil }
        await remove(files)
        if !isGone { throw StoreError.noBucket }
    }

    /// Changes what is set of a bucket. Returns what is from then on.
    ///
    /// - Parameter body: what it throws is thrown.
    @discardableResult
    public func updateBucket(
        _ name: BucketName, _ body: @escaping @Sendable (inout BucketSettings) throws -> Void
    ) async throws -> BucketSettings {
        let settings = try await database.write { try BucketRows.change(name, $0, body) }
        known.withLock { known in
            // Of two changes the later counts, whichever comes here first.
            guard let old = known[name]?.settings.revision, old < settings.revision else { return }
            known[name]?.settings = settings
        }
        return settings
    }
}

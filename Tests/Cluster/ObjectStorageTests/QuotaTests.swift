import Concurrency
import Core
import Databases
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

@Suite(.everyDatabase) struct QuotaTests {
    private let environment = Environment.live
    private let bucket = BucketName(parsing: "bucket")!

    private func withStore(_ body: (ObjectStore, any Database) async throws -> Void) async throws {
        try await StoreDirectory.withStore(bucket: bucket) { try await body($0, $2) }
    }

    private func below(_ bound: Int) -> Int { Int(environment.random.next(below: UInt64(bound))) }

    private func content(_ store: ObjectStore, _ size: Int) async throws -> StoredContent {
        let writer = store.write()
        try await writer.append([UInt8](repeating: 7, count: size))
        return try await writer.finish()
    }

    private func put(
        _ store: ObjectStore, _ key: String, _ size: Int, by owner: String = "ann"
    ) async throws {
        let content = try await content(store, size)
        _ = try await store.publish(
            content,
            as: ObjectRecord(
                key: ObjectKey(key)!, content: content.id, size: content.size, tag: "t",
                modified: environment.wallClock.now, owner: owner), in: bucket)
    }

    private func begin(
        _ store: ObjectStore, _ key: String, by owner: String = "ann"
    ) async throws -> UploadID {
        let id: UploadID = environment.identifier()
        var upload = UploadRecord(
            id: id, key: ObjectKey(key)!, headers: ObjectHeaders(), algorithm: nil,
            createdAt: environment.wallClock.now, createdBy: owner)
        upload.owner = owner
        try await store.beginUpload(upload, in: bucket)
        return id
    }

    private func part(
        _ store: ObjectStore, _ id: UploadID, _ key: String, _ number: Int, _ size: Int
    ) async throws {
        let content = try await content(store, size)
        try await store.publish(
            content,
            as: PartRecord(
                number: number, content: content.id, size: content.size, tag: "\(size)", checksum: nil,
                modified: environment.wallClock.now), of: id, ObjectKey(key)!, in: bucket)
    }

    private func complete(_ store: ObjectStore, _ id: UploadID, _ key: String, _ size: Int) async throws {
        _ = try await store.completeUpload(
            id, ObjectKey(key)!, in: bucket, of: [NamedPart(number: 1, tag: "\(size)", checksum: nil)]
        ) { _, _ in ("done", nil) }
    }

    private func usage(_ store: ObjectStore, _ owner: String? = nil) async throws -> ObjectUsage {
        try await store.holding(of: owner.map { .owner($0) } ?? .bucket(bucket.text)).usage
    }

    /// What the rows say.
    private func counted(_ database: any Database) async throws -> ObjectUsage {
        try await database.read { transaction in
            let row = try transaction.first(
                """
                SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes,
                    CAST(COALESCE(SUM(number), 0) AS BIGINT) AS objects
                FROM (SELECT size, 1 AS number FROM objects
                    UNION ALL SELECT size, 1 FROM object_versions WHERE marker = 0
                    UNION ALL SELECT size, 0 FROM object_parts) AS kept
                """)
            return ObjectUsage(
                bytes: try #require(row).get("bytes"), objects: try #require(row).get("objects"))
        }
    }

    @Test func `the counters are what the rows are, whatever was done`() async throws {
        try await withStore { store, database in
            var uploads: [(id: UploadID, key: String, size: Int)] = []
            for step in 0..<200 {
                let (key, size) = ("k\(below(4))", below(2000))
                let owner = below(2) == 0 ? "ann" : "bob"
                switch below(10) {
                case 0...2: try await put(store, key, size, by: owner)
                case 3: try await store.delete(ObjectKey(key)!, in: bucket, by: owner)
                case 4:
                    let page = try await store.versions(ListQuery(limit: 1000), in: bucket) { _ in true }
                    if !page.versions.isEmpty {
                        let one = page.versions[below(page.versions.count)].record
                        try await store.delete(one.key, version: one.version, in: bucket)
                    }
                case 5:
                    do {
                        _ = try await store.copy(ObjectKey(key)!, in: bucket, to: bucket) { original in
                            var copy = original
                            (copy.key, copy.owner) = (ObjectKey("copy")!, owner)
                            return copy
                        }
                    } catch StoreError.noObject {} catch StoreError.removed {}
                case 6:
                    let id = try await begin(store, key, by: owner)
                    for number in [1, 2, 1] { try await part(store, id, key, number, size) }
                    uploads.append((id, key, size))
                case 7:
                    if let one = uploads.popLast() { try await complete(store, one.id, one.key, one.size) }
                case 8:
                    if let one = uploads.popLast() {
                        try await store.abortUpload(one.id, ObjectKey(one.key)!, in: bucket)
                    }
                default:
                    let kept: BucketVersioning = below(2) == 0 ? .enabled : .suspended
                    if step > 60 { try await store.updateBucket(bucket) { $0.versioning = kept } }
                }
                let (found, rows) = (try await usage(store), try await counted(database))
                #expect(found == rows, "after step \(step)")
                let (ann, bob) = (try await usage(store, "ann"), try await usage(store, "bob"))
                #expect(ann + bob == found)
            }
        }
    }

    @Test func `what was there before the counters is counted when they come`() async throws {
        try await StoreDirectory.with { path in
            let database = try await TestDatabase.open(environment: .live)
            let all = ObjectStore.migrations
            try await Migrations(component: all.component, Array(all.steps.prefix(4)))
                .apply(to: database, clock: environment.wallClock)
            try await database.write { transaction in
                for statement in [
                    "INSERT INTO object_buckets VALUES ('bucket', 'default', 'default', 1, 'a', '')",
                    "INSERT INTO objects VALUES ('bucket', 'k', 'c1', 10, 't', 1, '', NULL, NULL, 'null', 3, 'ann', '')",
                    """
                    INSERT INTO object_versions VALUES
                        ('bucket', 'k', 'c2', 20, 't', 1, '', NULL, NULL, 'v2', 2, 'ann', '', 0),
                        ('bucket', 'k', 'c3', 0, '', 1, '', NULL, NULL, 'v1', 1, 'ann', '', 1)
                    """,
                    "INSERT INTO object_uploads VALUES ('u', 'bucket', 'k', '', NULL, 1, 'a', 'COMPOSITE', 'bob', '')",
                    "INSERT INTO object_parts VALUES ('u', 1, 'c4', 400, 't', NULL, 1)",
                ] { try transaction.execute(statement) }
            }
            try await all.apply(to: database, clock: environment.wallClock)
            let store = ObjectStore(
                try BlobDirectory(preparing: path), database, environment: environment
            ) { Issue.record("\($0)") }
            #expect(try await usage(store, "ann") == ObjectUsage(bytes: 30, objects: 2))
            #expect(try await usage(store, "bob") == ObjectUsage(bytes: 400, objects: 0))
            #expect(try await usage(store) == ObjectUsage(bytes: 430, objects: 2))
            await database.close()
        }
    }

    @Test func `of many who store at once as many succeed as there is room for`() async throws {
        try await withStore { store, database in
            try await store.set(ObjectQuota(bytes: 5_500), of: .bucket(bucket.text))
            try await store.set(ObjectQuota(objects: 3), of: .owner("bob"))
            let stored = await withTaskGroup(of: String?.self) { group in
                for number in 0..<24 {
                    let owner = number.isMultiple(of: 2) ? "ann" : "bob"
                    group.addTask {
                        do {
                            try await put(store, "k\(number)", 1_000, by: owner)
                            return owner
                        } catch StoreError.quota {
                            return nil
                        } catch {
                            Issue.record(error)
                            return nil
                        }
                    }
                }
                return await group.reduce(into: [String]()) { if let owner = $1 { $0.append(owner) } }
            }
            #expect(stored.count == 5)
            #expect(stored.count { $0 == "bob" } <= 3)
            #expect(try await usage(store) == ObjectUsage(bytes: 5_000, objects: 5))
            #expect(try await counted(database) == ObjectUsage(bytes: 5_000, objects: 5))
        }
    }

    @Test func `what does not grow is never refused, and parts count while they are there`() async throws {
        try await withStore { store, database in
            try await put(store, "a", 3_000)
            try await store.set(ObjectQuota(bytes: 2_000, objects: 1), of: .bucket(bucket.text))
            try await put(store, "a", 2_500)
            await #expect(throws: StoreError.quota(.bucket("bucket"), .bytes(2_000))) {
                try await put(store, "b", 1)
            }
            await #expect(throws: StoreError.quota(.bucket("bucket"), .objects(1))) {
                try await put(store, "b", 0)
            }
            try await put(store, "a", 500)
            let id = try await begin(store, "a")
            try await part(store, id, "a", 1, 1_400)
            await #expect(throws: StoreError.quota(.bucket("bucket"), .bytes(2_000))) {
                try await part(store, id, "a", 2, 200)
            }
            try await part(store, id, "a", 1, 1_500)
            try await complete(store, id, "a", 1_500)
            #expect(try await usage(store) == ObjectUsage(bytes: 1_500, objects: 1))
            try await store.set(ObjectQuota(), of: .bucket(bucket.text))
            try await put(store, "b", 9_000)
            let (found, rows) = (try await usage(store), try await counted(database))
            #expect(found == rows)
        }
    }

    @Test func `a bucket that is made anew has neither the counts nor the quota of the one before`()
        async throws
    {
        try await withStore { store, _ in
            try await store.set(ObjectQuota(objects: 0), of: .bucket(bucket.text))
            try await store.deleteBucket(bucket)
            await #expect(throws: StoreError.noBucket) {
                try await store.set(ObjectQuota(objects: 0), of: .bucket(bucket.text))
            }
            try await store.createBucket(bucket, project: "default", by: "user://local/a")
            try await put(store, "a", 10)
            #expect(try await usage(store) == ObjectUsage(bytes: 10, objects: 1))
        }
    }
}

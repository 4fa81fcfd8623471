import Concurrency
import Core
import Databases
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

@Suite(.everyDatabase) struct VersionTests {
    private let environment = Environment.live
    private let bucket = BucketName(parsing: "bucket")!
    private let key = ObjectKey("k")!

    private func withStore(
        _ versioning: BucketVersioning? = .enabled, _ body: (ObjectStore, String) async throws -> Void
    ) async throws {
        try await StoreDirectory.withStore(bucket: bucket) { store, path, _ in
            if let versioning { try await store.updateBucket(bucket) { $0.versioning = versioning } }
            try await body(store, path)
        }
    }

    @discardableResult
    private func put(_ store: ObjectStore, _ text: String, _ key: ObjectKey? = nil) async throws
        -> ObjectVersion
    {
        let key = key ?? self.key
        let writer = store.write()
        try await writer.append(Array(text.utf8))
        let content = try await writer.finish()
        let record = ObjectRecord(
            key: key, content: content.id, size: content.size, tag: "tag-\(text)",
            modified: environment.wallClock.now, owner: "ann")
        return try await store.publish(content, as: record, in: bucket).version
    }

    private func read(_ store: ObjectStore, _ version: ObjectVersion? = nil) async throws -> String {
        let (_, reader) = try await store.open(key, version: version, in: bucket)
        guard reader.size > 0 else { return "" }
        return String(decoding: try await reader.next(from: 0, upTo: reader.size), as: UTF8.self)
    }

    private func list(_ store: ObjectStore, limit: Int = 1000) async throws -> [ListedVersion] {
        var (query, marker) = (ListQuery(limit: limit), VersionMarker?.none)
        var all: [ListedVersion] = []
        while true {
            let page = try await store.versions(query, after: marker, in: bucket) { _ in true }
            all += page.versions
            guard let next = page.nextKey else { return all }
            #expect(page.count == limit)
            (query.after, marker) = (next, page.nextVersion)
        }
    }

    @Test("All versions of all keys are listed, whatever the pages' size, by key and the newest first")
    func pagesOfMany() async throws {
        try await withStore { store, _ in
            var written: [String: [ObjectVersion]] = [:]
            for round in 0..<3 {
                for name in ["a", "b/1", "b/2", "c"] + (10..<40).map({ "d/\($0)" })
                where round == 0 || name < "d" {
                    written[name, default: []].append(try await put(store, "\(round)", ObjectKey(name)))
                }
            }
            let expected = written.sorted { $0.key < $1.key }
                .flatMap { name, versions in versions.reversed().map { "\(name) \($0.text)" } }
            for limit in [1, 2, 5, 1000] {
                let listed = try await list(store, limit: limit)
                #expect(listed.map { "\($0.record.key) \($0.record.version.text)" } == expected)
                #expect(
                    listed.filter(\.isLatest).map(\.record.version)
                        == written.sorted { $0.key < $1.key }
                        .compactMap(\.value.last))
            }
            let page = try await store.versions(
                ListQuery(prefix: "b", delimiter: "/", limit: 1), in: bucket
            ) { _ in true }
            #expect(page.prefixes == ["b/"] && page.versions.isEmpty && page.nextKey == nil)
            let last = try await store.versions(ListQuery(delimiter: "/"), in: bucket) { _ in true }
            #expect(last.prefixes == ["b/", "d/"] && last.versions.count == 6)
            #expect(last.versions.filter(\.isLatest).map(\.record.key.text) == ["a", "c"])
        }
    }

    @Test("What is replaced or removed stays under its version, and comes back when what hides it is removed")
    func keepsAll() async throws {
        try await withStore { store, _ in
            let (one, two) = (try await put(store, "one"), try await put(store, "two"))
            #expect(one != two && one != .null)
            #expect(try await read(store) == "two")
            #expect(try await read(store, one) == "one")
            let removal = try await store.delete(key, in: bucket, by: "bob")
            let marker = try #require(removal.version)
            #expect(removal.isMarker)
            await #expect(throws: StoreError.removed(marker, isNamed: false)) { try await read(store) }
            await #expect(throws: StoreError.removed(marker, isNamed: true)) { try await read(store, marker) }
            #expect(try await read(store, two) == "two")
            let listed = try await list(store)
            #expect(listed.map(\.record.version) == [marker, two, one])
            #expect(listed.map(\.isLatest) == [true, false, false])
            #expect(listed.map(\.record.isMarker) == [true, false, false])
            #expect(listed.map(\.record.owner) == ["bob", "ann", "ann"])
            #expect(try await store.list(ListQuery(), in: bucket) { _ in true }.objects.isEmpty)
            await #expect(throws: StoreError.bucketNotEmpty) { try await store.deleteBucket(bucket) }
            #expect(try await store.delete(key, version: marker, in: bucket).isMarker)
            #expect(try await read(store) == "two")
            try await store.delete(key, version: two, in: bucket)
            #expect(try await read(store) == "one")
            await #expect(throws: StoreError.noVersion) { try await read(store, two) }
            try await store.delete(key, version: one, in: bucket)
            await #expect(throws: StoreError.noObject) { try await read(store) }
            try await store.deleteBucket(bucket)
        }
    }

    @Test("What was there before versions were kept is the version called null, and stays")
    func before() async throws {
        try await withStore(nil) { store, _ in
            #expect(try await put(store, "old") == .null)
            try await store.updateBucket(bucket) { $0.versioning = .enabled }
            let new = try await put(store, "new")
            #expect(try await read(store, .null) == "old")
            #expect(try await list(store).map(\.record.version) == [new, .null])
        }
    }

    @Test("While it is suspended only the version called null is replaced and removed")
    func suspended() async throws {
        try await withStore { store, path in
            let one = try await put(store, "one")
            try await store.updateBucket(bucket) { $0.versioning = .suspended }
            let large = String(repeating: "x", count: 50_000)
            #expect(try await put(store, large) == .null)
            #expect(StoreDirectory.files(path).count == 1)
            try await put(store, "three")
            #expect(StoreDirectory.files(path).isEmpty)
            #expect(try await list(store).map(\.record.version) == [.null, one])
            let removal = try await store.delete(key, in: bucket)
            #expect(removal == Removal(version: .null, isMarker: true))
            #expect(try await list(store).map(\.record.isMarker) == [true, false])
            try await put(store, "four")
            #expect(try await list(store).map(\.record.isMarker) == [false, false])
            #expect(try await read(store) == "four")
            #expect(try await read(store, one) == "one")
        }
    }

    @Test(
        "Pages of any size have all versions, the newest of each key first, also where they are removed meanwhile"
    )
    func pages() async throws {
        try await withStore { store, _ in
            var expected: [ObjectVersion] = []
            for name in ["a", "b", "c"] {
                let key = try #require(ObjectKey(name))
                var versions: [ObjectVersion] = []
                for number in 0..<5 { versions.append(try await put(store, "\(number)", key)) }
                expected += versions.reversed()
            }
            for limit in [1, 2, 5, 7, 15, 16] {
                #expect(try await list(store, limit: limit).map(\.record.version) == expected)
                #expect(try await list(store, limit: limit).filter(\.isLatest).count == 3)
            }
            var (query, marker, seen) = (ListQuery(limit: 2), VersionMarker?.none, 0)
            while true {
                let page = try await store.versions(query, after: marker, in: bucket) { _ in true }
                for item in page.versions {
                    try await store.delete(item.record.key, version: item.record.version, in: bucket)
                }
                seen += page.count
                guard let next = page.nextKey else { break }
                (query.after, marker) = (
                    next, try #require(VersionMarker(parsing: page.nextVersion?.text ?? ""))
                )
            }
            #expect(seen == 15)
            try await store.deleteBucket(bucket)
        }
    }

    @Test(
        "A copy of one version is the newest of its own key, and bytes go with the last version that has them"
    )
    func copies() async throws {
        try await withStore { store, path in
            let large = String(repeating: "x", count: 50_000)
            let one = try await put(store, large)
            try await put(store, "two")
            let copy = try await store.copy(key, version: one, in: bucket, to: bucket) { $0 }
            #expect(copy.version != one)
            #expect(try await read(store) == large)
            #expect(StoreDirectory.files(path).count == 1)
            try await store.delete(key, version: one, in: bucket)
            #expect(try await read(store) == large)
            try await store.delete(key, version: copy.version, in: bucket)
            #expect(StoreDirectory.files(path).isEmpty)
            #expect(try await read(store) == "two")
        }
    }

    @Test("What is changed of a version is changed of no other")
    func attributes() async throws {
        try await withStore { store, _ in
            let (one, two) = (try await put(store, "one"), try await put(store, "two"))
            try await store.update(key, one, in: bucket) { $0.attributes.tags = [ObjectTag("a", "1")] }
            #expect(
                try await store.object(key, version: one, in: bucket).attributes.tags == [ObjectTag("a", "1")]
            )
            #expect(try await store.object(key, in: bucket).attributes.isEmpty)
            try await store.update(key, nil, in: bucket) { $0.attributes.tags = [ObjectTag("b", "2")] }
            #expect(
                try await store.object(key, version: two, in: bucket).attributes.tags == [ObjectTag("b", "2")]
            )
            #expect(try await list(store).map(\.record.version) == [two, one])
        }
    }
}

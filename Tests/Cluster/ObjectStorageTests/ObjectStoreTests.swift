import Concurrency
import Core
import Databases
import Glibc
import ObjectModel
import ObjectStorage
import Synchronization
import TestDatabases
import Testing

@Suite(.everyDatabase) struct ObjectStoreTests {
    private let environment = Environment.live
    private let bucket = BucketName(parsing: "bucket")!

    /// A store on a database and in a directory of its own, with a bucket.
    private func withStore(_ body: (ObjectStore, String, any Database) async throws -> Void) async throws {
        try await StoreDirectory.withStore(bucket: bucket, body)
    }

    private func files(_ path: String) -> [String] { StoreDirectory.files(path) }

    private func bytes(_ count: Int, _ seed: Int = 7) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31 &+ seed) >> 3) }
    }

    @discardableResult
    private func put(
        _ store: ObjectStore, _ key: String, _ bytes: [UInt8], if condition: ObjectCondition = .none
    ) async throws -> ObjectRecord {
        let writer = store.write()
        for start in stride(from: 0, to: bytes.count, by: 70_000) {
            try await writer.append(Array(bytes[start..<min(start + 70_000, bytes.count)]))
        }
        let content = try await writer.finish()
        let record = ObjectRecord(
            key: try #require(ObjectKey(key)), content: content.id, size: content.size,
            tag: "tag-\(bytes.count)", modified: environment.wallClock.now,
            headers: ObjectHeaders([.init(name: "content-type", value: "text/\"ü\"")]),
            checksum: ObjectChecksum(.crc32c, "AAAAAA=="))
        return try await store.publish(content, as: record, in: bucket, if: condition)
    }

    private func read(_ store: ObjectStore, _ key: String, _ range: Range<Int64>? = nil) async throws
        -> [UInt8]
    {
        let (_, reader) = try await store.open(try #require(ObjectKey(key)), in: bucket)
        let range = range ?? 0..<reader.size
        var all: [UInt8] = []
        while range.lowerBound + Int64(all.count) < range.upperBound {
            all += try await reader.next(
                from: range.lowerBound + Int64(all.count), upTo: range.upperBound)
        }
        return all
    }

    @Test("What was stored is read, whole and in parts, in the database and in files")
    func readsBack() async throws {
        try await withStore { store, path, _ in
            for size in [0, 1, 16 << 10, (16 << 10) + 1, 1 << 20, (5 << 20) / 2] {
                let stored = bytes(size)
                let record = try await put(store, "k", stored)
                #expect(try await read(store, "k") == stored)
                #expect(try await store.object(record.key, in: bucket) == record)
                for (from, to) in [(0, size / 2), (size / 3, size), (size / 2, size / 2 + size / 4)] {
                    #expect(
                        try await read(store, "k", Int64(from)..<Int64(to)) == Array(stored[from..<to]))
                }
            }
            // What was replaced leaves no file.
            #expect(files(path).count == 1)
        }
    }

    @Test(
        "A key is never a part of a path",
        arguments: ["../../escape", ".", "..", "/etc/passwd", "a//b", "a/"])
    func keysAreNoPaths(key: String) async throws {
        try await withStore { store, path, _ in
            try await put(store, key, bytes(20_000))
            #expect(try await read(store, key) == bytes(20_000))
            let file = try #require(files(path).first)
            #expect(ContentID(parsing: String(file.split(separator: "/").last ?? "")) != nil)
        }
    }

    @Test("A condition that does not hold changes nothing, and leaves no file")
    func conditions() async throws {
        try await withStore { store, path, _ in
            try await put(store, "k", bytes(20_000), if: ObjectCondition(noneMatch: "*"))
            await #expect(throws: StoreError.conditionFailed) {
                try await put(store, "k", bytes(30_000), if: ObjectCondition(noneMatch: "*"))
            }
            await #expect(throws: StoreError.conditionFailed) {
                try await put(store, "k", bytes(30_000), if: ObjectCondition(match: "other"))
            }
            await #expect(throws: StoreError.noObject) {
                try await put(store, "none", bytes(30_000), if: ObjectCondition(match: "other"))
            }
            #expect(try await read(store, "k") == bytes(20_000))
            #expect(files(path).count == 1)
            try await put(store, "k", bytes(40_000), if: ObjectCondition(match: "\"tag-20000\""))
            #expect(try await read(store, "k") == bytes(40_000))
        }
    }

    @Test("Copies share their bytes, which go with the last of them")
    func copies() async throws {
        try await withStore { store, path, _ in
            try await put(store, "a", bytes(50_000))
            let (a, b) = (try #require(ObjectKey("a")), try #require(ObjectKey("b")))
            _ = try await store.copy(a, in: bucket, to: bucket) { record in
                var copy = record
                copy.key = b
                return copy
            }
            #expect(files(path).count == 1)
            try await store.delete(a, in: bucket)
            #expect(try await read(store, "b") == bytes(50_000))
            try await store.delete(b, in: bucket)
            #expect(files(path).isEmpty)
            // Removing what is not there is no failure.
            try await store.delete(b, in: bucket)
        }
    }

    @Test(
        "A damaged byte, and a file that was cut, are found when they are read",
        arguments: [100, 1_500_000, -1])
    func damage(place: Int) async throws {
        try await withStore { store, path, _ in
            try await put(store, "k", bytes(2_000_000))
            let file = try #require(files(path).first)
            if place < 0 {
                #expect(truncate(file, 1_000_000) == 0)
            } else {
                let descriptor = open(file, O_RDWR)
                var byte: UInt8 = 0
                pread(descriptor, &byte, 1, off_t(place))
                byte ^= 1
                #expect(pwrite(descriptor, &byte, 1, off_t(place)) == 1)
                close(descriptor)
            }
            let error = await #expect(throws: ApolloError.self) { try await read(store, "k") }
            #expect(error?.kind == .corrupt)
            let other = await #expect(throws: ApolloError.self) { try await parts(store, "k") }
            #expect(other?.kind == .corrupt)
        }
    }

    /// Where the parts of an object are that are sent from its file.
    @discardableResult
    private func parts(_ store: ObjectStore, _ key: String, from: Int64 = 0) async throws -> [Range<Int64>] {
        let (_, reader) = try await store.open(try #require(ObjectKey(key)), in: bucket)
        let first = try await reader.nextPart(from: from, upTo: reader.size)
        var ranges: [Range<Int64>] = []
        try await reader.forEachPart(of: from..<reader.size, beginningWith: first) { part in
            if case .file(_, let range) = part { ranges.append(range) }
        }
        return ranges
    }

    @Test("What is in a file is sent from there, a block at a time, and what is in the database is not")
    func partsOfFiles() async throws {
        try await withStore { store, _, _ in
            let block = Int64(ObjectStore.blockBytes)
            try await put(store, "k", bytes(Int(2 * block) + 5))
            #expect(
                try await parts(store, "k", from: 7) == [
                    7..<block, block..<2 * block, 2 * block..<2 * block + 5,
                ])
            try await put(store, "k", bytes(100))
            #expect(try await parts(store, "k").isEmpty)
        }
    }

    @Test(
        "What comes in pieces of any size is stored as it came, and is given to who looks at it in its order")
    func fromSource() async throws {
        try await withStore { store, path, _ in
            for (count, size) in [(0, 1), (3, 100), (1, 1 << 20), (5, 700_000), (2, 3 << 20), (30, 70_001)] {
                let stored = bytes(count * size)
                let next = Mutex(0)
                let seen = Mutex<[UInt8]>([])
                let writer = try await store.write(hidden: nil) { piece in seen.withLock { $0 += piece } }
                try await writer.append(
                    from: {
                        let index = next.withLock { next in
                            defer { next += 1 }
                            return next
                        }
                        return index < count ? Array(stored[index * size..<(index + 1) * size]) : nil
                    }, check: { _ in })
                let (content, hashed) = try await writer.finish { seen.withLock(\.self) }
                #expect(content.size == Int64(stored.count) && hashed == stored)
                _ = try await store.publish(
                    content,
                    as: ObjectRecord(
                        key: try #require(ObjectKey("k")), content: content.id, size: content.size, tag: "t",
                        modified: environment.wallClock.now), in: bucket)
                #expect(try await read(store, "k") == stored)
            }
        }
    }

    private enum Refusal: Error { case source, check, finish }

    @Test("A source that breaks off, and a check that fails, are told, and leave nothing", arguments: 0..<3)
    func refuses(_ how: Int) async throws {
        try await withStore { store, path, _ in
            let expected = [Refusal.source, .check, .finish][how]
            await #expect(throws: expected) {
                let left = Mutex(4)
                let piece = bytes(900_000)
                let writer = store.write()
                try await writer.append(
                    from: {
                        let count = left.withLock { left in
                            left -= 1
                            return left
                        }
                        if count < 0, expected == .source { throw Refusal.source }
                        return count < 0 ? nil : piece
                    },
                    check: { size in
                        if expected == .check, size > 2_000_000 { throw Refusal.check }
                    })
                _ = try await writer.finish { if expected == .finish { throw Refusal.finish } }
            }
            try await waitForNoFiles(path)
        }
    }

    /// A file goes with its last owner: that may be the thread that wrote to it, which lets go of it soon.
    private func waitForNoFiles(_ path: String) async throws {
        let clock = environment.clock
        let deadline = clock.now.advanced(by: .seconds(10))
        while !files(path).isEmpty, clock.now < deadline { await Task.yield() }
        #expect(files(path).isEmpty)
    }

    @Test("Files that no object has are removed, and no others")
    func orphans() async throws {
        try await withStore { store, path, database in
            try await put(store, "k", bytes(20_000))
            // As a crash leaves it, between its bytes and its row.
            let lost = store.write()
            try await lost.append(bytes(30_000))
            let content = try await lost.finish()
            #expect(files(path).count == 2)
            // It is still on its way.
            #expect(try await store.collectOrphans() == 0)
            let next = ObjectStore(
                try BlobDirectory(preparing: path), database, environment: environment
            ) { Issue.record("\($0)") }
            try await next.load()
            #expect(try await next.collectOrphans() == 1)
            #expect(files(path).count == 1)
            #expect(try await read(next, "k") == bytes(20_000))
            _ = content
        }
    }

    @Test("An upload that is given up leaves nothing")
    func givenUp() async throws {
        try await withStore { store, path, _ in
            do {
                let writer = store.write()
                try await writer.append(bytes(3 << 20))
                #expect(files(path).count == 1)
            }
            try await waitForNoFiles(path)
        }
    }

    @Test("Files stay while they are kept for a copy, and what was removed meanwhile goes afterwards")
    func keepsFiles() async throws {
        try await withStore { store, path, database in
            for key in ["a", "b", "c"] { try await put(store, key, bytes(100_000)) }
            let named = try await store.keepingFiles {
                try await store.delete(ObjectKey("a")!, in: bucket)
                let named = try await database.read { try ObjectStore.files($0) }
                try await store.delete(ObjectKey("b")!, in: bucket)
                _ = try await store.keepingFiles { try await put(store, "c", bytes(50_000)) }
                try await store.collectOrphans()
                #expect(files(path).count == 4)
                return named
            }
            #expect(named.count == 2)
            #expect(files(path).count == 1)
            #expect(try await read(store, "c") == bytes(50_000))
        }
    }

    @Test("A bucket is made once, and removed when it is empty")
    func buckets() async throws {
        try await withStore { store, _, _ in
            await #expect(throws: StoreError.bucketExists(project: "default")) {
                try await store.createBucket(bucket, project: "other", by: "user://local/b")
            }
            try await put(store, "k", [1])
            await #expect(throws: StoreError.bucketNotEmpty) { try await store.deleteBucket(bucket) }
            try await store.delete(try #require(ObjectKey("k")), in: bucket)
            try await store.deleteBucket(bucket)
            #expect(store.buckets().isEmpty)
            await #expect(throws: StoreError.noBucket) { try await put(store, "k", [1]) }
            await #expect(throws: StoreError.noBucket) { try await store.deleteBucket(bucket) }
        }
    }
}

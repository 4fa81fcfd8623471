import Concurrency
import Core
import Databases
import Glibc
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

@Suite(.everyDatabase) struct UploadTests {
    private let environment = Environment.live
    private let bucket = BucketName(parsing: "bucket")!
    private let key = ObjectKey("k")!

    private func withStore(_ body: (ObjectStore, UploadID, String) async throws -> Void) async throws {
        try await StoreDirectory.withStore(bucket: bucket) { store, path, _ in
            let id: UploadID = environment.identifier()
            try await store.beginUpload(
                UploadRecord(
                    id: id, key: key, headers: ObjectHeaders([.init(name: "content-type", value: "a/b")]),
                    algorithm: nil, createdAt: environment.wallClock.now, createdBy: "a"), in: bucket)
            try await body(store, id, path)
        }
    }

    private func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: (index &* 31 &+ seed) >> 2) }
            filled = count
        }
    }

    @discardableResult
    private func send(
        _ store: ObjectStore, _ id: UploadID, _ number: Int, _ bytes: [UInt8]
    ) async throws -> NamedPart {
        let writer = store.write()
        try await writer.append(bytes)
        let content = try await writer.finish()
        let tag = "tag-\(number)-\(bytes.count)"
        try await store.publish(
            content,
            as: PartRecord(
                number: number, content: content.id, size: content.size, tag: tag, checksum: nil,
                modified: environment.wallClock.now), of: id, key, in: bucket)
        return NamedPart(number: number, tag: tag)
    }

    private func complete(_ store: ObjectStore, _ id: UploadID, _ parts: [NamedPart]) async throws
        -> ObjectRecord
    {
        try await store.completeUpload(id, key, in: bucket, of: parts) { _, parts in
            ("tag-\(parts.count)", nil)
        }
    }

    private func read(_ reader: ContentReader, _ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var (offset, all) = (range?.lowerBound ?? 0, [UInt8]())
        while offset < range?.upperBound ?? reader.size {
            let piece = try await reader.next(from: offset, upTo: range?.upperBound ?? reader.size)
            all += piece
            offset += Int64(piece.count)
        }
        return all
    }

    private static let five = 5 << 20

    @Test("Parts that come in any order, and again, make one object in the order of their numbers")
    func outOfOrder() async throws {
        try await withStore { store, id, path in
            let (one, two, three) = (bytes(Self.five, 1), bytes(Self.five + 7, 2), bytes(10, 3))
            let last = try await send(store, id, 7, three)
            try await send(store, id, 2, bytes(100_000, 9))
            let first = try await send(store, id, 1, one)
            let second = try await send(store, id, 2, two)
            // Of a part that nobody names nothing stays.
            try await send(store, id, 5, bytes(100_000, 4))
            let record = try await complete(store, id, [first, second, last])
            #expect(record.tag == "tag-3" && record.headers["content-type"] == "a/b")
            let (_, reader) = try await store.open(key, in: bucket)
            let whole = one + two + three
            #expect(try await read(reader) == whole)
            let (from, to) = (Self.five - 3, Self.five * 2 + 9)
            #expect(try await read(reader, Int64(from)..<Int64(to)) == Array(whole[from..<to]))
            // The short one is in the database.
            #expect(StoreDirectory.files(path).count == 2)
            // Who did not hear that it was put together may ask again.
            #expect(try await complete(store, id, [first]) == record)
            try await store.delete(key, in: bucket)
            await #expect(throws: StoreError.noUpload) { try await complete(store, id, [first]) }
        }
    }

    @Test("Who names parts that are others, are none, are too small or in another order is told so")
    func refusals() async throws {
        try await withStore { store, id, _ in
            let (a, b) = (try await send(store, id, 1, [1]), try await send(store, id, 2, [2]))
            await #expect(throws: StoreError.noPart) { try await complete(store, id, []) }
            await #expect(throws: StoreError.noPart) {
                try await complete(store, id, [NamedPart(number: 1, tag: "other")])
            }
            await #expect(throws: StoreError.noPart) {
                try await complete(store, id, [NamedPart(number: 3, tag: a.tag)])
            }
            await #expect(throws: StoreError.partsOutOfOrder) { try await complete(store, id, [b, a]) }
            await #expect(throws: StoreError.partsOutOfOrder) { try await complete(store, id, [a, a]) }
            await #expect(throws: StoreError.partTooSmall) { try await complete(store, id, [a, b]) }
            await #expect(throws: StoreError.noObject) { try await store.object(key, in: bucket) }
            _ = try await complete(store, id, [a])
            #expect(try await store.object(key, in: bucket).size == 1)
        }
    }

    @Test("What is given up leaves nothing, by its client, by its age and with its bucket")
    func ends() async throws {
        try await withStore { store, id, path in
            try await send(store, id, 1, bytes(50_000, 1))
            try await store.abortUpload(id, key, in: bucket)
            #expect(StoreDirectory.files(path).isEmpty)
            await #expect(throws: StoreError.noUpload) { try await send(store, id, 1, [1]) }
            for number in 0..<2 {
                let next: UploadID = environment.identifier()
                let now = environment.wallClock.now
                try await store.beginUpload(
                    UploadRecord(
                        id: next, key: key, headers: ObjectHeaders(), algorithm: nil, createdAt: now,
                        createdBy: "a"), in: bucket)
                try await send(store, next, 1, bytes(50_000, 1))
                #expect(try await store.abortUploads(begunBefore: now) == 0)
                if number == 0 {
                    #expect(try await store.abortUploads(begunBefore: now.advanced(by: .seconds(1))) == 1)
                } else {
                    try await store.deleteBucket(bucket)
                }
                #expect(StoreDirectory.files(path).isEmpty)
            }
        }
    }

    @Test("An object of several files is read to its end although it is replaced meanwhile")
    func replaced() async throws {
        try await withStore { store, id, path in
            let (one, two) = (bytes(Self.five, 1), bytes(Self.five, 2))
            let parts = [try await send(store, id, 1, one), try await send(store, id, 2, two)]
            _ = try await complete(store, id, parts)
            do {
                let (_, reader) = try await store.open(key, in: bucket)
                try await store.delete(key, in: bucket)
                #expect(StoreDirectory.files(path).count == 2)
                #expect(try await read(reader) == one + two)
            }
            #expect(StoreDirectory.files(path).isEmpty)
        }
    }
}

import Concurrency
import Core
import Databases
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

@Suite(.everyDatabase) struct EncryptionTests {
    private let environment = Environment.live
    private let bucket = BucketName(parsing: "bucket")!
    private let key = ObjectKey("k")!
    private let customer = ContentKey(customer: [UInt8](repeating: 7, count: 32))

    private func withStore(_ body: (ObjectStore, String) async throws -> Void) async throws {
        try await StoreDirectory.withStore(bucket: bucket) { store, path, _ in try await body(store, path) }
    }

    private func put(_ store: ObjectStore, _ bytes: [UInt8]) async throws {
        let encryption = ObjectEncryption.customer(digest: "d")
        let writer = try await store.write(hidden: encryption, customer: customer)
        for start in stride(from: 0, to: bytes.count, by: 300_000) {
            try await writer.append(Array(bytes[start..<min(start + 300_000, bytes.count)]))
        }
        let content = try await writer.finish()
        var record = ObjectRecord(
            key: key, content: content.id, size: content.size, tag: "t", modified: environment.wallClock.now)
        record.attributes.encryption = encryption
        _ = try await store.publish(content, as: record, in: bucket)
    }

    private func read(
        _ store: ObjectStore, _ range: Range<Int64>? = nil, by key: ContentKey?
    ) async throws -> [UInt8] {
        let (_, reader) = try await store.open(self.key, in: bucket, customer: key)
        let range = range ?? 0..<reader.size
        var all: [UInt8] = []
        while range.lowerBound + Int64(all.count) < range.upperBound {
            all += try await reader.next(from: range.lowerBound + Int64(all.count), upTo: range.upperBound)
        }
        return all
    }

    @Test(
        "What is hidden is read whole and in parts by its key, and not found on the disk",
        arguments: [0, 1, 16 << 10, (16 << 10) + 1, (1 << 20) - 28, 1 << 20, 3_000_000])
    func roundTrip(size: Int) async throws {
        try await withStore { store, path in
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 3) }
            try await put(store, bytes)
            #expect(try await read(store, by: customer) == bytes)
            for (from, to) in [(0, size / 2), (size / 3, size), (size / 2, size / 2 + size / 4)]
            where from < to {
                #expect(
                    try await read(store, Int64(from)..<Int64(to), by: customer) == Array(bytes[from..<to]))
            }
            #expect(try await store.object(key, in: bucket).size == Int64(size))
            #expect(StoreDirectory.files(path).count == (size > 16 << 10 ? 1 : 0))
        }
    }

    @Test("Another key opens nothing, and none is told as that")
    func otherKeys() async throws {
        try await withStore { store, _ in
            for size in [100, 50_000] {
                try await put(store, [UInt8](repeating: 1, count: size))
                let error = await #expect(throws: ApolloError.self) {
                    try await read(store, by: ContentKey(customer: [UInt8](repeating: 8, count: 32)))
                }
                #expect(error?.kind == .corrupt)
                await #expect(throws: StoreError.keyMissing) { try await read(store, by: nil) }
            }
            await #expect(throws: StoreError.keyMissing) { _ = try await store.write(hidden: .platform) }
        }
    }
}

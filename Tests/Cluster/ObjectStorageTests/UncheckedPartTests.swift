import Core
import Databases
import Glibc
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

@Suite(.everyDatabase) struct UncheckedPartTests {
    private let bucket = BucketName(parsing: "bucket")!

    /// Where the parts are that are sent of a file without being checked.
    private func parts(_ reader: ContentReader, _ range: Range<Int64>) async throws -> [Range<Int64>] {
        var ranges: [Range<Int64>] = []
        let first = try await reader.nextPart(
            from: range.lowerBound, upTo: range.upperBound, isChecked: false)
        try await reader.forEachPart(of: range, beginningWith: first, isChecked: false) { part in
            if case .file(_, let range) = part { ranges.append(range) }
        }
        return ranges
    }

    @Test(
        "What its reader checks is sent in parts of several blocks, damaged or not, but never beyond its end")
    func several() async throws {
        try await StoreDirectory.withStore(bucket: bucket) { store, path, _ in
            let size = (9 << 20) + 5
            let writer = store.write()
            try await writer.append([UInt8](repeating: 7, count: size))
            let content = try await writer.finish()
            try await store.keep([content]) { _ in ((), []) }
            let reader = try #require(try await store.open(content: content.id, size: content.size))
            let whole = try await parts(reader, 3..<Int64(size))
            #expect(whole == [3..<4 << 20, 4 << 20..<8 << 20, 8 << 20..<Int64(size)])
            #expect(try await parts(reader, 5 << 20..<6 << 20) == [5 << 20..<6 << 20])

            let file = try #require(StoreDirectory.files(path).first)
            let descriptor = open(file, O_WRONLY)
            #expect(pwrite(descriptor, [8], 1, 5 << 20) == 1)
            close(descriptor)
            #expect(try await parts(reader, 3..<Int64(size)) == whole)
            await #expect(throws: ApolloError.self) {
                _ = try await reader.nextPart(from: 5 << 20, upTo: Int64(size))
            }
            #expect(truncate(file, 6 << 20) == 0)
            await #expect(throws: ApolloError.self) { _ = try await parts(reader, 3..<Int64(size)) }
        }
    }
}

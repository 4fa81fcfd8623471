import Concurrency
import Core
import Databases
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

@Suite(.everyDatabase) struct ListingTests {
    private let bucket = BucketName(parsing: "bucket")!

    private func withKeys(_ keys: [String], _ body: (ObjectStore) async throws -> Void) async throws {
        try await StoreDirectory.withStore(bucket: bucket) { store, _, _ in
            for key in keys {
                let content = try await store.write().finish()
                _ = try await store.publish(
                    content,
                    as: ObjectRecord(
                        key: try #require(ObjectKey(key)), content: content.id, size: 0, tag: "t",
                        modified: Environment.live.wallClock.now), in: bucket)
            }
            try await body(store)
        }
    }

    /// Every entry of all pages, prefixes and keys in one order, as a client puts them together.
    private func all(_ store: ObjectStore, _ query: ListQuery) async throws -> [String] {
        var query = query
        var entries: [String] = []
        while true {
            let page = try await store.list(query, in: bucket) { _ in true }
            #expect(page.count <= query.limit)
            let names = page.objects.map(\.key.text) + page.prefixes
            entries += names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            guard let next = page.next else { return entries }
            #expect(page.count == query.limit)
            query.after = next
        }
    }

    /// What a listing is, by its definition.
    private func expected(_ keys: [String], _ query: ListQuery) -> [String] {
        var entries: [[UInt8]] = []
        for key in keys.map({ Array($0.utf8) }) where key.starts(with: query.prefix.utf8) {
            guard Array(query.after.utf8).lexicographicallyPrecedes(key) else { continue }
            var entry = key
            let mark = Array(query.delimiter.utf8)
            if !mark.isEmpty {
                for start in query.prefix.utf8.count..<max(query.prefix.utf8.count, key.count)
                where key[start...].starts(with: mark) {
                    entry = Array(key[..<(start + mark.count)])
                    break
                }
            }
            if !entries.contains(entry) { entries.append(entry) }
        }
        return entries.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static let keys = [
        "a", "a/", "a//b", "a/b", "a/b/c", "a/b/d", "a/\u{10FFFF}x", "a0", "ab", "b/1", "b/2", "b/3", "Z",
        "é", "e\u{301}",
        "ü/x", ".", "..", "../x", "~",
    ]

    @Test("Pages of any size put together are the whole listing, for any prefix and delimiter")
    func pages() async throws {
        try await withKeys(Self.keys) { store in
            for prefix in ["", "a", "a/", "b", "none", "ü"] {
                for delimiter in ["", "/", "b", "//"] {
                    for limit in [1, 2, 3, 1000] {
                        let query = ListQuery(prefix: prefix, delimiter: delimiter, limit: limit)
                        let found = try await all(store, query)
                        #expect(
                            found == expected(Self.keys, query),
                            "prefix '\(prefix)', delimiter '\(delimiter)', pages of \(limit)")
                    }
                }
            }
        }
    }

    @Test("What is listed as one is stepped over however much is under it, and pages go on where they ended")
    func many() async throws {
        let keys =
            ["a", "b/", "c/x", "d"].flatMap { start in (10..<70).map { "\(start)\($0)" } } + ["b", "e/1"]
        try await withKeys(keys) { store in
            for (prefix, delimiter, limit) in [
                ("", "/", 1000), ("", "/", 7), ("c", "/", 2), ("", "", 1000), ("", "", 17), ("c/x1", "", 5),
            ] {
                let query = ListQuery(prefix: prefix, delimiter: delimiter, limit: limit)
                let found = try await all(store, query)
                #expect(found == expected(keys, query))
            }
        }
    }

    @Test("A listing begins behind what it is told, also within what is listed as one")
    func after() async throws {
        try await withKeys(Self.keys) { store in
            for after in ["a", "a/b", "a/b/c", "b/2", "zz", "\u{10FFFF}"] {
                for delimiter in ["", "/"] {
                    let query = ListQuery(delimiter: delimiter, after: after)
                    let found = try await all(store, query)
                    #expect(found == expected(Self.keys, query))
                }
            }
        }
    }

    @Test("What the caller may not know of is left out, and pages are full all the same")
    func visible() async throws {
        try await withKeys(["a/1", "a/2", "b", "c/1", "d"]) { store in
            let page = try await store.list(ListQuery(delimiter: "/", limit: 2), in: bucket) {
                !$0.text.hasPrefix("a/") && $0.text != "b"
            }
            #expect(page.objects.map(\.key.text) == ["d"] && page.prefixes == ["c/"])
            #expect(page.next == nil)
        }
    }

    @Test("A page of none is none")
    func none() async throws {
        try await withKeys(["a"]) { store in
            let page = try await store.list(ListQuery(limit: 0), in: bucket) { _ in true }
            #expect(page == ListPage())
        }
    }
}

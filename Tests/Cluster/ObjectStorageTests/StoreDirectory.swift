import Concurrency
import Core
import Databases
import Files
import Glibc
import ObjectModel
import ObjectStorage
import TestDatabases
import Testing

/// The directory of a store that is tested.
enum StoreDirectory {
    /// Gives `body` a new one, which goes afterwards.
    static func with(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/apollo-objects-XXXXXX".utf8CString)
        let path = try #require(
            template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
        defer {
            for file in files(path) { unlink(file) }
            for folder in names(path) { rmdir("\(path)/\(folder)") }
            rmdir(path)
        }
        try await body(path)
    }

    /// Gives `body` a store on a database and in a directory of its own, with a bucket; all of it goes afterwards.
    static func withStore(
        bucket: BucketName, _ body: (_ store: ObjectStore, _ path: String, any Database) async throws -> Void
    ) async throws {
        let environment = Environment.live
        try await with { path in
            let database = try await TestDatabase.open(environment: environment)
            try await ObjectStore.migrations.apply(to: database, clock: environment.wallClock)
            let store = ObjectStore(
                try BlobDirectory(preparing: path), database, environment: environment
            ) { Issue.record("\($0)") }
            try await store.load()
            try await store.createBucket(bucket, project: "default", by: "user://local/a")
            try await body(store, path, database)
            await database.close()
        }
    }

    static func files(_ path: String) -> [String] {
        names(path).flatMap { folder in names("\(path)/\(folder)").map { "\(path)/\(folder)/\($0)" } }
    }

    private static func names(_ path: String) -> [String] {
        DirectoryNames.found(in: path).filter { !$0.hasPrefix(".") }
    }
}

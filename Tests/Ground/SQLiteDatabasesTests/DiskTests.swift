import Concurrency
import Core
import Databases
import Glibc
import SQLiteDatabases
import Testing

/// Disks that are full or read-only. Where the test may not mount, the size limit stands for the disk.
@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct DiskTests {
    @Test func `a database at its limit says so, keeps what it has, and goes on when there is room`()
        async throws
    {
        var options = SQLiteOptions()
        options.maximumSize = .kibibytes(512)
        let database = try await open(in: .current, options: options)
        try await Self.fill(database)
        let stored = try await database.count()
        #expect(stored > 5)
        try await database.write { try $0.execute("DELETE FROM things WHERE id < 5") }
        try await database.put(1_000_000, size: 10_000)
        #expect(try await database.count() == stored - 4 + 1)
        try await database.check()
        await database.close()
    }

    @Test func `a write too large for the disk takes its neighbours down with a clear error`() async throws {
        var options = SQLiteOptions()
        options.maximumSize = .kibibytes(512)
        let database = try await open(in: .current, options: options)
        let gate = Gate()
        async let blocked: Void = database.write { _ in gate.pass() }
        await gate.someoneWaits()
        let kinds = try await withThrowingTaskGroup(of: (Int, DatabaseError.Kind?).self) { group in
            for id in 0..<10 {
                group.addTask {
                    (
                        id,
                        try await databaseError { try await database.put(id, size: id == 5 ? 5_000_000 : 1) }?
                            .kind
                    )
                }
            }
            await eventually { database.statistics.waitingWrites == 10 }
            gate.open()
            return try await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
        try await blocked
        #expect(kinds[5] == .full)
        // Whoever was told of success is stored, and nobody else.
        let stored = try await database.count()
        #expect(stored == kinds.values.count { $0 == nil })
        #expect(kinds.values.allSatisfy { $0 == nil || $0 == .full })
        await database.close()
    }

    @Test(.enabled(if: mayMount, "this user may not mount a small disk"))
    func `a full disk is named, nothing acknowledged is lost, and room heals it`() async throws {
        try await Self.withDisk(size: "2m") { path in
            let database = try await SQLiteDatabase.open(path + "/test.db", environment: .live)
            try await database.write {
                try $0.execute("CREATE TABLE things (id BIGINT PRIMARY KEY, n BYTEA)")
            }
            for id in 0..<20 { try await database.put(id, size: 1000) }
            try write([UInt8](repeating: 0, count: Self.free(path)), to: path + "/ballast")
            let error = try await databaseError {
                for id in 100..<200 { try await database.put(id, size: 10_000) }
            }
            #expect(error?.kind == .full, "\(error?.message ?? "no error")")
            #expect(error?.message.contains(path) == true)
            #expect(error?.hint != nil)
            let stored = try await database.count()
            #expect(stored >= 20)
            #expect(unlink(path + "/ballast") == 0)
            try await database.put(1000, size: 10_000)
            #expect(try await database.count() == stored + 1)
            try await database.check()
            await database.close()
        }
    }

    @Test(.enabled(if: mayMount, "this user may not mount a small disk"))
    func `opening on a full disk is an error that says so`() async throws {
        try await Self.withDisk(size: "64k") { path in
            try write([UInt8](repeating: 0, count: Self.free(path)), to: path + "/ballast")
            let error = try await databaseError {
                try await SQLiteDatabase.open(path + "/test.db", environment: .live)
            }
            #expect(error?.kind == .full, "\(error?.message ?? "no error")")
        }
    }

    @Test(.enabled(if: mayMount, "this user may not mount a small disk"))
    func `a read-only disk is an error that says so`() async throws {
        try await Self.withDisk(size: "2m") { path in
            try await SQLiteDatabase.open(path + "/test.db", environment: .live).close()
            try #require(mount("none", path, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
            let error = try await databaseError {
                try await SQLiteDatabase.open(path + "/test.db", environment: .live)
            }
            #expect(error?.kind == .readOnly)
            #expect(error?.message.contains(path) == true)
            #expect(error?.hint?.contains("read-only") == true)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a directory that may not be written is an error that says so`() async throws {
        let directory = TemporaryDirectory.current
        #expect(chmod(directory.path, 0o500) == 0)
        let error = try await databaseError { try await open(in: directory) }
        #expect(error?.kind == .readOnly)
        #expect(error?.hint != nil)
        #expect(chmod(directory.path, 0o700) == 0)
    }

    /// Writes until the database refuses for want of space.
    private static func fill(_ database: SQLiteDatabase) async throws {
        let error = try await databaseError {
            for id in 1...1000 { try await database.put(id, size: 10_000) }
        }
        #expect(error?.kind == .full)
        #expect(error?.asApolloError.kind == .exhausted)
        #expect(error?.message.contains(database.path) == true)
    }

    /// Bytes free on the disk of `path`.
    private static func free(_ path: String) -> Int {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
    }

    /// Runs `body` with a small disk in memory.
    private static func withDisk(size: String, _ body: (String) async throws -> Void) async throws {
        let directory = TemporaryDirectory.current
        let options = "size=\(size),mode=0700"
        try #require(mount("tmpfs", directory.path, "tmpfs", 0, options) == 0)
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        try await body(directory.path)
    }
}

/// Whether this process may mount: root may, but not in every container.
private let mayMount: Bool = {
    guard let directory = try? TemporaryDirectory.make() else { return false }
    defer { directory.remove() }
    guard mount("tmpfs", directory.path, "tmpfs", 0, "size=64k") == 0 else { return false }
    return umount(directory.path) == 0
}()

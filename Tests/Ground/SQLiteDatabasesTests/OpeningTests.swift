import Concurrency
import Core
import Databases
import Glibc
import SQLiteDatabases
import Testing

/// Opening what can be opened, and saying clearly why the rest cannot.
@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct OpeningTests {
    @Test func `all its files are for the owner alone`() async throws {
        let directory = TemporaryDirectory.current
        let former = umask(0)
        defer { umask(former) }
        let database = try await open(in: directory)
        try await database.put(1)
        #expect(directory.entries.sorted() == ["test.db", "test.db-shm", "test.db-wal", "test.db.lock"])
        for name in directory.entries {
            var status = stat()
            #expect(stat(directory.path + "/" + name, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(name)")
        }
        await database.close()
        #expect(directory.entries.sorted() == ["test.db", "test.db.lock"])
    }

    @Test func `a file that others could read is made private`() async throws {
        let directory = TemporaryDirectory.current
        try await open(in: directory).close()
        let path = directory.path + "/test.db"
        #expect(chmod(path, 0o644) == 0)
        try await open(in: directory).close()
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func `the same process cannot open it twice`() async throws {
        let directory = TemporaryDirectory.current
        let database = try await open(in: directory)
        let error = try await databaseError { try await open(in: directory) }
        #expect(error?.kind == .busy)
        #expect(error?.message.contains("this same process") == true)
        await database.close()
        try await open(in: directory).close()
    }

    @Test func `a second process is told who has it`() async throws {
        let directory = TemporaryDirectory.current
        let path = directory.path + "/test.db"
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        let process = try spawn(program, [path, "1"], output: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        // Its first line says that it has the database open.
        var byte: UInt8 = 0
        try #require(read(ends[0], &byte, 1) == 1)
        let error = try await databaseError { try await SQLiteDatabase.open(path, environment: .live) }
        #expect(error?.kind == .busy)
        #expect(
            error?.message.contains("process \(process) (apollo-crash-wr)") == true, "\(error?.message ?? "")"
        )
        kill(process, SIGKILL)
        var status: Int32 = 0
        #expect(waitpid(process, &status, 0) == process)
        // The kernel has let go of the lock.
        try await SQLiteDatabase.open(path, environment: .live).close()
    }

    @Test func `a directory that is not there is named`() async throws {
        let directory = TemporaryDirectory.current
        let error = try await databaseError {
            try await SQLiteDatabase.open(directory.path + "/none/test.db", environment: .live)
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains(directory.path + "/none") == true)
        #expect(error?.hint != nil)
    }

    @Test func `a directory in which others may swap files is refused`() async throws {
        let directory = TemporaryDirectory.current
        #expect(chmod(directory.path, 0o777) == 0)
        let error = try await databaseError { try await open(in: directory) }
        #expect(error?.kind == .unavailable)
        #expect(error?.hint == "run: chmod go-w '\(directory.path)'")
    }

    @Test func `what is not a file is refused`() async throws {
        let directory = TemporaryDirectory.current
        let path = directory.path + "/test.db"
        #expect(mkfifo(path, 0o600) == 0)
        let fifo = try await databaseError { try await open(in: directory) }
        #expect(fifo?.kind == .unavailable)
        #expect(unlink(path) == 0)
        #expect(mkdir(path, 0o700) == 0)
        let folder = try await databaseError { try await open(in: directory) }
        #expect(folder?.kind == .unavailable)
        #expect(rmdir(path) == 0)
    }

    @Test func `a file that is no database is refused and left as it is`() async throws {
        let directory = TemporaryDirectory.current
        let path = directory.path + "/test.db"
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        try write(text, to: path)
        let error = try await databaseError { try await open(in: directory) }
        #expect(error?.kind == .corrupt)
        #expect(try contents(of: path) == text)
    }

    @Test func `a database of another program is refused`() async throws {
        let directory = TemporaryDirectory.current
        let path = directory.path + "/test.db"
        try await open(in: directory).close()
        // The application's mark is at byte 68 of the header (https://sqlite.org/fileformat2.html).
        var bytes = try contents(of: path)
        #expect(Array(bytes[68..<72]) == Array("APLO".utf8))
        bytes.replaceSubrange(68..<72, with: [0, 0, 0, 0])
        try write(bytes, to: path)
        let error = try await databaseError { try await open(in: directory) }
        #expect(error?.kind == .corrupt)
        #expect(error?.message.contains("not one of Apollo") == true)
    }

    @Test func `a damaged page is found by the check, and named`() async throws {
        let directory = TemporaryDirectory.current
        let path = directory.path + "/test.db"
        let database = try await open(in: directory)
        for id in 0..<100 { try await database.put(id, size: 1000) }
        try await database.check()
        await database.close()
        var bytes = try contents(of: path)
        for index in bytes.count / 2..<bytes.count / 2 + 4096 { bytes[index] = 0xa5 }
        try write(bytes, to: path)
        let again = try await open(in: directory)
        let error = try await databaseError { try await again.check() }
        #expect(error?.kind == .corrupt)
        #expect(error?.message.contains(path) == true)
        await again.close()
    }
}

func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try #require(write(file, bytes, bytes.count) == bytes.count)
}

func contents(of path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    try #require(file >= 0)
    defer { close(file) }
    var status = stat()
    try #require(fstat(file, &status) == 0)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    try #require(read(file, &bytes, bytes.count) == bytes.count)
    return bytes
}

import Concurrency
import Core
import Databases
import Glibc
import SQLiteDatabases
import Testing

@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct BackupTests {
    @Test func `a backup holds what was committed, while writes go on`() async throws {
        let directory = TemporaryDirectory.current
        let database = try await open(in: directory)
        for id in 0..<100 { try await database.put(id, size: 2000) }
        let destination = directory.path + "/backup.db"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 100..<200 { group.addTask { try await database.put(id, size: 2000) } }
            try await database.backUp(to: destination)
            try await group.waitForAll()
        }
        await database.close()
        var status = stat()
        #expect(stat(destination, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(status.st_nlink == 1)
        let copy = try await SQLiteDatabase.open(destination, environment: .live)
        try await copy.check()
        #expect(try await (100...200).contains(copy.count()))
        await copy.close()
    }

    @Test func `a backup never takes the place of a file`() async throws {
        let directory = TemporaryDirectory.current
        let database = try await open(in: directory)
        let destination = directory.path + "/backup.db"
        try write([1, 2, 3], to: destination)
        let error = try await databaseError { try await database.backUp(to: destination) }
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains(destination) == true)
        #expect(try contents(of: destination) == [1, 2, 3])
        let nowhere = try await databaseError { try await database.backUp(to: directory.path + "/none/b.db") }
        #expect(nowhere?.kind == .unavailable)
        #expect(!directory.entries.contains { $0.hasSuffix(".partial") })
        await database.close()
    }

    @Test func `a backup cut off before is begun anew`() async throws {
        let directory = TemporaryDirectory.current
        let database = try await open(in: directory)
        try await database.put(1)
        let destination = directory.path + "/backup.db"
        try write([1, 2, 3], to: destination + ".partial")
        try await database.backUp(to: destination)
        #expect(!directory.entries.contains("backup.db.partial"))
        await database.close()
    }

    @Test func `a cancelled backup leaves nothing behind`() async throws {
        let directory = TemporaryDirectory.current
        let database = try await open(in: directory)
        for id in 0..<100 { try await database.put(id, size: 2000) }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { try await database.backUp(to: directory.path + "/backup.db") }
            let wasCancelled = await isCancelled(&group)
            #expect(wasCancelled)
        }
        #expect(!directory.entries.contains { $0.hasPrefix("backup") })
        await database.close()
    }
}

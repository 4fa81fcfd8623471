import Archives
import Core
import Glibc
import Testing

@testable import Backups

@Suite struct BackupTests {
    /// A directory of a test's own, removed with it.
    final class Folder {
        let path: String

        init() {
            var name = Array("/tmp/apollo-backups.XXXXXX".utf8CString)
            path = mkdtemp(&name).map { String(cString: $0) } ?? ""
        }

        deinit {
            for file in ["a", "b", "out/a", "out/b"] { unlink(path + "/" + file) }
            rmdir(path + "/out")
            rmdir(path)
        }

        func write(_ name: String, _ bytes: [UInt8]) {
            let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
            close(file)
        }

        func read(_ name: String) throws -> [UInt8] {
            let file = try BackupBytes.open(path + "/" + name)
            defer { close(file) }
            return Array(try BackupBytes.next(of: file, name) ?? [])
        }

        /// A backup of two files, `b` being a key.
        func backup() throws -> PendingFile {
            write("a", Array("what is kept".utf8))
            write("b", Array("a key\n".utf8))
            let file = try PendingFile(in: path)
            try BackupWriter.write(
                [
                    BackupSource(name: "a", path: path + "/a"),
                    BackupSource(name: "b", path: path + "/b", isKey: true),
                ], apollo: "1.2.3", schema: ["tasks": 4], at: Timestamp(microseconds: 1_000_000),
                to: file.descriptor)
            return file
        }

        /// Verifies a file of these bytes.
        func verify(_ bytes: [UInt8], as path: String = "x") throws -> BackupManifest {
            let file = try file(bytes)
            return try withExtendedLifetime(file) { try BackupReader.verify(file.descriptor, path) }
        }

        func file(_ bytes: [UInt8]) throws -> PendingFile {
            let file = try PendingFile(in: path)
            try file.write(bytes)
            return file
        }
    }

    @Test func `what went in comes out, for its owner alone`() throws {
        let folder = Folder()
        let backup = try folder.backup()
        mkdir(folder.path + "/out", 0o700)
        let manifest = try withExtendedLifetime(backup) {
            try BackupReader.unpack(backup.descriptor, "x", to: folder.path + "/out")
        }
        #expect(manifest.apollo == "1.2.3" && manifest.schema == ["tasks": 4] && manifest.hasKeys)
        #expect(manifest.members.map(\.name) == ["a", "b"])
        #expect(try folder.read("out/a") == folder.read("a"))
        #expect(try folder.read("out/b") == Array("a key\n".utf8))
        var status = stat()
        #expect(stat(folder.path + "/out/b", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func `a change of any byte is noticed`() throws {
        let folder = Folder()
        let bytes = try folder.backup().bytes(at: 0)
        #expect(throws: Never.self) { try folder.verify(bytes, as: "x") }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1 << UInt8(index % 8)
            let error = #expect(throws: ApolloError.self) {
                try folder.verify(changed, as: "x")
            }
            #expect(error?.kind == .corrupt || error?.kind == .conflict, "byte \(index): \(error as Any)")
        }
    }

    @Test func `a backup that is cut off anywhere is noticed`() throws {
        let folder = Folder()
        let bytes = try folder.backup().bytes(at: 0)
        for length in bytes.indices {
            let error = #expect(throws: ApolloError.self) {
                try folder.verify(Array(bytes[..<length]), as: "x")
            }
            #expect(error?.kind == .corrupt, "\(length) bytes: \(error as Any)")
        }
        #expect(throws: ApolloError.self) {
            try folder.verify(bytes + [0], as: "x")
        }
    }

    @Test func `damage names the member it is in`() throws {
        let folder = Folder()
        // Bytes that do not compress, so that a change in the middle is one of theirs.
        var state: UInt32 = 7
        let noise = (0..<100_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        folder.write("a", noise)
        let backup = try folder.file([])
        try BackupWriter.write(
            [BackupSource(name: "a", path: folder.path + "/a")], apollo: "1", schema: [:],
            at: Timestamp(microseconds: 0), to: backup.descriptor)
        var bytes = try backup.bytes(at: 0)
        bytes[bytes.count / 2] ^= 16
        let error = #expect(throws: ApolloError.self) {
            try folder.verify(bytes, as: "/x")
        }
        #expect(error?.message.hasPrefix("the backup /x is damaged at a") ?? false, "\(error as Any)")
    }

    @Test func `a newer form, and a newer schema, say what would read them`() throws {
        let folder = Folder()
        let text = Array(#"{"format": 2, "else": true}"#.utf8)
        let file = try folder.file([])
        let archive = try ArchiveWriter.open(to: file.descriptor)
        try archive.begin("manifest.json", size: Int64(text.count), modified: Timestamp(microseconds: 0))
        try archive.write(text[...])
        try archive.finish()
        try BackupSeal.append(to: file.descriptor)
        let error = #expect(throws: ApolloError.self) {
            try withExtendedLifetime(file) { try BackupReader.verify(file.descriptor, "x") }
        }
        #expect(error?.kind == .conflict)
        #expect(error?.message.contains("form 2") ?? false)

        let manifest = BackupManifest(
            format: 1, apollo: "9.9.9", createdAt: Timestamp(microseconds: 0), schema: ["tasks": 4],
            members: [])
        #expect(throws: Never.self) { try manifest.check(known: ["tasks": 4, "more": 1]) }
        for known in [["tasks": 3], [:]] {
            let error = #expect(throws: ApolloError.self) { try manifest.check(known: known) }
            #expect(error?.hint?.contains("9.9.9") ?? false)
        }
    }

    @Test(arguments: ["../a", "/a", "a/../b", "a//b", "", ".", "a\0b"])
    func `a name that leads elsewhere is refused`(name: String) {
        #expect(!BackupReader.isPlain(name))
    }

    @Test func `a file gets its name when it is whole, and never another's`() throws {
        let folder = Folder()
        let file = try folder.file([1, 2, 3])
        #expect(access(folder.path + "/a", F_OK) != 0)
        try file.publish(as: folder.path + "/a")
        #expect(try folder.read("a") == [1, 2, 3])
        let error = #expect(throws: ApolloError.self) { try file.publish(as: folder.path + "/a") }
        #expect(error?.kind == .exists)
    }
}

import Glibc
import TaskRuntimes
import Testing

@Suite("A directory that a task writes")
struct DirectoryTreeTests {
    /// An empty directory, which goes with what `body` leaves in it.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/apollo-tree-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        try body(path)
        try DirectoryTree.remove(path)
        #expect(access(path, F_OK) != 0)
    }

    private func write(_ count: Int, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(Glibc.write(file, bytes, count) == count)
        fsync(file)
    }

    @Test func `is counted with what is below it, each file once`() throws {
        try withDirectory { path in
            #expect(DirectoryTree.measure(path) == DirectoryTree.Size())
            try write(1 << 20, to: path + "/a")
            #expect(mkdir(path + "/inner", 0o700) == 0)
            try write(1 << 20, to: path + "/inner/b")
            #expect(link(path + "/a", path + "/inner/same") == 0)
            #expect(symlink("/usr", path + "/elsewhere") == 0)
            let size = try #require(DirectoryTree.measure(path))
            #expect(size.obstacle == nil)
            #expect((2 << 20..<3 << 20).contains(size.bytes))
            #expect(size.entries == 4)
        }
    }

    @Test func `that is not there has nothing, and is removed already`() throws {
        #expect(DirectoryTree.measure("/tmp/apollo-no-such-tree") == nil)
        try DirectoryTree.remove("/tmp/apollo-no-such-tree")
    }

    @Test func `with more files than are looked at says so, and still goes`() throws {
        try withDirectory { path in
            for number in 0..<50 { try write(1, to: "\(path)/\(number)") }
            let size = try #require(DirectoryTree.measure(path, entryLimit: 20))
            #expect(size.entries == 20)
            #expect(size.obstacle == "there are more than 20 files")
        }
    }

    @Test func `nested deeper than can be named says so, and still goes`() throws {
        try withDirectory { path in
            var directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            let name = String(repeating: "d", count: 200)
            for _ in 0..<350 {
                #expect(mkdirat(directory, name, 0o700) == 0)
                let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                close(directory)
                directory = inner
            }
            close(directory)
            let size = try #require(DirectoryTree.measure(path))
            #expect(size.obstacle?.hasPrefix("its directories are nested deeper") == true)
        }
    }

    @Test func `that shuts its owner out still goes`() throws {
        try withDirectory { path in
            #expect(mkdir(path + "/shut", 0o700) == 0)
            try write(10, to: path + "/shut/file")
            #expect(mkdir(path + "/shut/inner", 0o000) == 0)
            #expect(chmod(path + "/shut", 0o000) == 0)
        }
    }

    @Test func `that is a link is not entered`() throws {
        try withDirectory { path in
            #expect(symlink("/usr", path + "/link") == 0)
            #expect(DirectoryTree.measure(path + "/link") == nil)
            #expect(throws: DirectoryTree.Failure.self) { try DirectoryTree.remove(path + "/link") }
            #expect(access("/usr/bin", F_OK) == 0)
        }
    }
}

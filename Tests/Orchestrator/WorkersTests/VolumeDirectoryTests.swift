import ClusterModel
import Core
import Glibc
import TaskRuntimes
import Testing

@testable import Workers

@Suite("Files of the machine that tasks see")
struct VolumeDirectoryTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/apollo-volumes-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { try? DirectoryTree.remove(path) }  // What is left of it is in /tmp.
        try body(path)
    }

    @Test func `a volume is made once, keeps what is in it, and goes with it`() throws {
        try withDirectory { path in
            let volumes = VolumeDirectory(path: path + "/volumes")
            let id = VolumeID("data", in: "team")
            let made = try volumes.make(id)
            #expect(made == path + "/volumes/team/data")
            #expect(mkdir(made + "/inner", 0o700) == 0)
            #expect(chmod(made, 0o750) == 0)
            let again = try volumes.make(id)
            #expect(again == made)
            var status = stat()
            #expect(stat(made, &status) == 0 && status.st_mode & 0o7777 == 0o750)
            try volumes.remove(id)
            #expect(access(path + "/volumes/team", F_OK) != 0)
            try volumes.remove(id)
        }
    }

    @Test(arguments: ["", ".", "..", "a/b", "../x", "a\u{0}b"])
    func `a name that is a path is refused`(name: String) throws {
        try withDirectory { path in
            let volumes = VolumeDirectory(path: path)
            for id in [VolumeID(name, in: "team"), VolumeID("data", in: name)] {
                #expect(throws: RuntimeError.self) { try volumes.make(id) }
                #expect(throws: RuntimeError.self) { try volumes.remove(id) }
            }
        }
    }

    @Test func `a link in the place of a volume is not followed`() throws {
        try withDirectory { path in
            #expect(mkdir(path + "/team", 0o700) == 0)
            #expect(symlink("/usr", path + "/team/data") == 0)
            let volumes = VolumeDirectory(path: path)
            #expect(throws: RuntimeError.self) { try volumes.make(VolumeID("data", in: "team")) }
            #expect(throws: RuntimeError.self) { try volumes.remove(VolumeID("data", in: "team")) }
            #expect(access("/usr/bin", F_OK) == 0)
        }
    }

    @Test func `only what is allowed may be mounted, by its real path`() throws {
        try withDirectory { path in
            for name in ["open", "open/inner", "open-not", "shut"] {
                #expect(mkdir("\(path)/\(name)", 0o700) == 0)
            }
            #expect(symlink("\(path)/shut", "\(path)/open/link") == 0)
            #expect(symlink("\(path)/open/inner", "\(path)/way") == 0)
            let allowed = AllowedMounts(["\(path)/open"])
            func resolve(_ source: String) throws -> [String] {
                try allowed.resolve([Mount(source: "\(path)/\(source)", target: "/x")]).map(\.source)
            }
            let found = try ["open/inner", "open", "way"].flatMap { try resolve($0) }
            #expect(found == ["\(path)/open/inner", "\(path)/open", "\(path)/open/inner"])
            for source in ["shut", "open-not", "open/link", "open/../shut", "none"] {
                #expect(throws: RuntimeError.self) { try resolve(source) }
            }
            #expect(throws: RuntimeError.self) {
                try AllowedMounts([]).resolve([Mount(source: path, target: "/x")])
            }
            let all = try AllowedMounts(["/"]).resolve([Mount(source: "/usr", target: "/x")])
            #expect(all.count == 1)
        }
    }
}

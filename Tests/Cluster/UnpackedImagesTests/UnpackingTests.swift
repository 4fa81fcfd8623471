import Core
import Glibc
import ImageModel
import TaskRuntimes
import TestImages
import Testing

@testable import UnpackedImages

/// Unpacking needs the right to give files away and to make whiteouts.
@Suite(.enabled(if: geteuid() == 0, "needs root"))
struct UnpackingTests {
    /// Unpacks an archive into a directory of its own, and has a look at that.
    private func unpack(
        _ limits: UnpackLimits = UnpackLimits(), _ fill: (inout TarWriter) -> Void,
        look: (String) throws -> Void = { _ in }
    ) throws {
        var tar = TarWriter()
        fill(&tar)
        try unpack(bytes: tar.finish(), limits, look: look)
    }

    private func unpack(
        bytes: [UInt8], _ limits: UnpackLimits = UnpackLimits(), look: (String) throws -> Void = { _ in }
    ) throws {
        var template = Array("/tmp/apollo-layer-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? DirectoryTree.remove(directory) }
        let packed = directory + "/packed"
        let layer = directory + "/outer/layer"
        mkdir(directory + "/outer", 0o755)
        mkdir(layer, 0o755)
        try StoreFiles.write(bytes, to: packed)
        guard let file = OpenFile(open(packed, O_RDONLY)) else { throw LayerError.system("cannot read it") }
        let digest: ImageDigest
        do throws(LayerError) {
            digest = try ImageStore.fill(
                layer, from: file.number, .sha256, UnpackBudget(limits, on: directory)
            ).digest
        } catch {
            // Whatever was refused, nothing is beside the layer.
            #expect(StoreFiles.names(in: directory + "/outer") == ["layer"])
            throw error
        }
        #expect(digest == ImageDigest(of: bytes))
        #expect(StoreFiles.names(in: directory + "/outer") == ["layer"])
        try look(layer)
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try #require(try StoreFiles.read(path)), as: UTF8.self)
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    @Test func `files, directories, links and second names arrive`() throws {
        try unpack {
            $0.add(directory: "etc", mode: 0o750)
            $0.add(file: "etc/a", Array("one".utf8), mode: 0o4755)
            $0.add(link: "b", to: "etc/a")
            $0.add(name: "c", of: "etc/a")
            $0.add(file: "not/announced/d", Array("two".utf8))
            $0.add(file: "./e2", [])
        } look: { (layer: String) throws in
            #expect(try text(layer + "/etc/a") == "one")
            #expect(status(layer + "/etc")?.st_mode == S_IFDIR | 0o750)
            #expect(status(layer + "/etc/a")?.st_mode == S_IFREG | 0o4755)
            #expect(status(layer + "/b").map { $0.st_mode & S_IFMT } == S_IFLNK)
            #expect(status(layer + "/c")?.st_ino == status(layer + "/etc/a")?.st_ino)
            #expect(try text(layer + "/not/announced/d") == "two")
        }
    }

    @Test func `whiteouts and opaque directories are as overlayfs wants them`() throws {
        try unpack {
            $0.add(file: "d/.wh.gone", [])
            $0.add(file: "e/.wh..wh..opq", [])
            $0.add(file: "e/new", [])
            $0.add(file: ".wh..wh.plnk", [])
        } look: { (layer: String) throws in
            let gone = try #require(status(layer + "/d/gone"))
            #expect(gone.st_mode & S_IFMT == S_IFCHR && gone.st_rdev == 0)
            #expect(Set(StoreFiles.names(in: layer)) == ["d", "e"])
        }
    }

    @Test func `a file takes the place of what was there by its name`() throws {
        try unpack {
            $0.add(link: "a", to: "/etc/passwd")
            $0.add(file: "a", Array("own".utf8))
            $0.add(directory: "b")
            $0.add(file: "b", Array("file".utf8))
            $0.add(file: "c", [])
            $0.add(directory: "c")
            $0.add(file: "c/in", [])
        } look: { (layer: String) throws in
            #expect(try text(layer + "/a") == "own")
            #expect(try text(layer + "/b") == "file")
            #expect(status(layer + "/c/in") != nil)
        }
    }

    @Test func `links lead nowhere out of the layer`() throws {
        try unpack {
            $0.add(link: "out", to: "../..")
            $0.add(link: "root", to: "/")
            $0.add(file: "out/x", Array("in".utf8))
            $0.add(file: "root/y", Array("in".utf8))
        } look: { (layer: String) throws in
            // Who has the layer as the root finds them there.
            #expect(try text(layer + "/x") == "in")
            #expect(try text(layer + "/y") == "in")
        }
    }

    @Test func `devices are left out`() throws {
        try unpack {
            $0.add(device: "dev/sda")
            $0.add(file: "dev/file", [])
        } look: {
            #expect(StoreFiles.names(in: $0 + "/dev") == ["file"])
        }
    }

    @Test(arguments: ["../x", "a/../../x", "..", "a/..", "/../x"])
    func `a path that leads out is refused`(_ path: String) {
        #expect(throws: LayerError.self) { try unpack { $0.add(file: path, []) } }
    }

    @Test(arguments: ["../../etc/passwd", "/etc/passwd", "missing", "d"])
    func `a second name of what is no file of the layer is refused`(_ target: String) {
        #expect(throws: LayerError.self) {
            try unpack {
                $0.add(directory: "d")
                $0.add(name: "x", of: target)
            }
        }
    }

    @Test func `a file with files in it is refused`() {
        #expect(throws: LayerError.self) {
            try unpack {
                $0.add(file: "a", [])
                $0.add(file: "a/b", [])
            }
        }
    }

    @Test func `more bytes or files than are allowed are refused`() {
        func tooLarge(_ error: any Error, _ setting: String) -> Bool {
            guard case .tooLarge(_, setting) = error as? LayerError else { return false }
            return true
        }
        #expect {
            try unpack(UnpackLimits(bytes: ByteCount(10))) {
                $0.add(file: "a", Array(repeating: 0, count: 11))
            }
        } throws: {
            tooLarge($0, "oci.image.size")
        }
        #expect {
            try unpack(UnpackLimits(members: 1)) {
                $0.add(file: "a", [])
                $0.add(file: "b", [])
            }
        } throws: {
            tooLarge($0, "oci.image.files")
        }
        // Folders that only a name implies are made, too.
        #expect {
            try unpack(UnpackLimits(members: 5)) { $0.add(file: "a/b/c/d/e/f", []) }
        } throws: {
            tooLarge($0, "oci.image.files")
        }
    }

    @Test func `what is left of the disk to others is not unpacked into`() {
        let room = DiskRoom(free: 500, total: 10_000, freeInodes: 60, inodes: 1000)
        #expect(room.obstacle(toWriting: 100, leaving: 400) == nil)
        #expect(room.obstacle(toWriting: 101, leaving: 400) != nil)
        // A twentieth, where that is less.
        #expect(room.obstacle(toWriting: 0, leaving: 4000) == nil)
        #expect(room.obstacle(toWriting: 1, leaving: 4000) != nil)
        #expect(
            DiskRoom(free: 500, total: 10_000, freeInodes: 50, inodes: 1000)
                .obstacle(toWriting: 1, leaving: 10) != nil)
        #expect(
            DiskRoom(free: 500, total: 10_000, freeInodes: 0, inodes: 0)
                .obstacle(toWriting: 1, leaving: 10) == nil)
    }

    @Test func `an archive that breaks off or is none is refused`() {
        var tar = TarWriter()
        tar.add(file: "a", Array(repeating: 7, count: 5000))
        let bytes = tar.finish()
        #expect(throws: LayerError.self) { try unpack(bytes: Array(bytes.prefix(2000))) }
        #expect(throws: LayerError.self) { try unpack(bytes: Array("this is no archive, but a text".utf8)) }
    }
}

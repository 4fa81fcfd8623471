import Archives
import Core
import Glibc
import ImageFiles
import ImageModel
import Testing

@Suite struct BuildTests {
    /// A directory that goes afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/apollo-image-files-XXXXXX".utf8CString)
        let path = try #require(
            template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
        defer { Self.remove(path) }
        try body(path)
    }

    private static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let each = "\(path)/\(name)"
                var status = stat()
                if lstat(each, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    remove(each)
                } else {
                    unlink(each)
                }
            }
            closedir(directory)
        }
        rmdir(path)
    }

    private func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(file >= 0)
        defer { close(file) }
        try #require(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
        try #require(fchmod(file, mode) == 0)
    }

    /// A root file system with one of everything that needs no rights.
    private func makeRoot(_ path: String, order: [String]) throws {
        try #require(
            mkdir(path, 0o755) == 0 && mkdir("\(path)/bin", 0o755) == 0 && mkdir("\(path)/empty", 0o700) == 0)
        for name in order { try write("#!/bin/\(name)\n", to: "\(path)/bin/\(name)", mode: 0o755) }
        try write("ü", to: "\(path)/größe")
        try #require(symlink("../bin/a", "\(path)/bin/link") == 0)
        try #require(link("\(path)/bin/a", "\(path)/bin/same") == 0)
        try #require(mkfifo("\(path)/pipe", 0o600) == 0)
    }

    private func build(_ root: String, _ options: LayerBuild.Options, into path: String) throws
        -> ImageDescriptor
    {
        try ImageBuild(
            folder: root, layer: options, platform: ImagePlatform(architecture: "amd64"),
            defaults: .init(environment: ["A=b"], entrypoint: ["/bin/a"])
        ).run(into: try ImageLayout(preparing: path))
    }

    @Test(
        "The same files are the same image, whenever and in whatever order they were made",
        arguments: LayerCompression.allCases)
    func deterministic(compression: LayerCompression) throws {
        try withDirectory { path in
            try makeRoot("\(path)/one", order: ["a", "b", "c"])
            try makeRoot("\(path)/two", order: ["c", "b", "a"])
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            try #require(utimensat(AT_FDCWD, "\(path)/two/bin/a", &times, 0) == 0)
            let options = LayerBuild.Options(compression: compression)
            let one = try build("\(path)/one", options, into: "\(path)/layout-1")
            let two = try build("\(path)/two", options, into: "\(path)/layout-2")
            #expect(one.digest == two.digest)
            try write("other", to: "\(path)/two/bin/c")
            #expect(try build("\(path)/two", options, into: "\(path)/layout-2").digest != one.digest)
            let own = LayerBuild.Options(compression: compression, modified: nil)
            #expect(
                try build("\(path)/one", own, into: "\(path)/layout-3").digest
                    != build("\(path)/two", own, into: "\(path)/layout-3").digest)
        }
    }

    @Test("An image says what it is made of, and what it is called")
    func documents() throws {
        try withDirectory { path in
            try makeRoot("\(path)/root", order: ["a"])
            let descriptor = try build("\(path)/root", .init(), into: "\(path)/layout")
            let layout = try ImageLayout(opening: "\(path)/layout")
            try layout.name(descriptor, "v1")
            try layout.name(descriptor, "v1")
            #expect(try layout.index().manifests.count == 1)
            #expect(try layout.named("v1").digest == descriptor.digest)
            #expect(throws: ApolloError.self) { try layout.named("v2") }
            guard case .manifest(let manifest) = try ImageDocument(layout.document(descriptor)) else {
                throw ImageError.document("no manifest")
            }
            let configuration = try ImageConfiguration(layout.document(manifest.configuration))
            #expect(configuration.defaults.entrypoint == ["/bin/a"])
            #expect(configuration.created == "1970-01-01T00:00:00.000Z" && configuration.layers.count == 1)
            #expect(layout.has(manifest.layers[0]))
        }
    }

    @Test func `an image upon another has its layers, and what it says where nothing else is said`() throws {
        try withDirectory { path in
            try makeRoot("\(path)/base", order: ["a"])
            try makeRoot("\(path)/app", order: ["a", "b"])
            let layout = try ImageLayout(preparing: "\(path)/layout")
            let below = try ImageBuild(
                folder: "\(path)/base", layer: .init(), platform: ImagePlatform(architecture: "arm64"),
                defaults: .init(
                    user: "7", exposedPorts: ["80/tcp"], environment: ["A=1", "B=2"], entrypoint: ["/bin/a"],
                    command: ["x"], workingDirectory: "/srv", labels: ["k": "1", "l": "2"],
                    stopSignal: "SIGINT")
            ).run(into: layout)
            var build = ImageBuild(
                folder: "\(path)/app", layer: .init(compression: .zstd),
                platform: ImagePlatform(architecture: "amd64"),
                defaults: .init(exposedPorts: ["81/tcp"], environment: ["B=3", "C=4"], labels: ["l": "3"]))
            build.base = try BaseImage(below, of: layout, name: "base:1")
            func made() throws -> (ImageDescriptor, ImageManifest, ImageConfiguration) {
                let descriptor = try build.run(into: layout)
                guard case .manifest(let manifest) = try ImageDocument(layout.document(descriptor)) else {
                    throw ImageError.document("no manifest")
                }
                return (
                    descriptor, manifest, try ImageConfiguration(layout.document(manifest.configuration))
                )
            }
            let (descriptor, manifest, configuration) = try made()
            #expect(try made().0 == descriptor)
            #expect(descriptor.platform?.architecture == "arm64")
            #expect(manifest.layers.count == 2 && manifest.layers[0] == build.base?.manifest.layers[0])
            #expect(manifest.annotations["org.opencontainers.image.base.digest"] == below.digest.text)
            #expect(manifest.annotations["org.opencontainers.image.base.name"] == "base:1")
            #expect(configuration.layers.first == build.base?.configuration.layers.first)
            #expect(configuration.history.count == 2 && configuration.layers.count == 2)
            let defaults = configuration.defaults
            #expect(defaults.user == "7" && defaults.workingDirectory == "/srv")
            #expect(defaults.stopSignal == "SIGINT")
            #expect(
                defaults.environment == ["A=1", "B=3", "C=4"] && defaults.labels == ["k": "1", "l": "3"])
            #expect(defaults.exposedPorts == ["80/tcp", "81/tcp"])
            #expect(defaults.entrypoint == ["/bin/a"] && defaults.command == ["x"])
            // As with a Dockerfile.
            let own = ImageConfiguration.Defaults(entrypoint: ["/bin/b"]).over(defaults)
            #expect(own.entrypoint == ["/bin/b"] && own.command == [])
            #expect(ImageConfiguration.Defaults(command: ["y"]).over(defaults).command == ["y"])
            // Of nothing that is no image.
            build.base = nil
            #expect(throws: ApolloError.self) {
                try BaseImage(
                    layout.add(ImageIndex(manifests: [below]).bytes, mediaType: ImageMediaType.index),
                    of: layout,
                    name: nil)
            }
        }
    }

    @Test func `a blob that broke off is gone on with, by one at a time`() throws {
        try withDirectory { path in
            let layout = try ImageLayout(preparing: "\(path)/layout")
            let bytes = [UInt8](repeating: 7, count: 1000)
            let digest = ImageDigest(of: bytes)
            do { try layout.resume(digest).write(Array(bytes[..<600])) }
            do {
                let second = try layout.resume(digest)
                #expect(second.offset == 600)
                // Whoever comes beside it begins anew.
                let beside = try layout.resume(digest)
                #expect(beside.offset == 0)
                try beside.write(bytes)
                try beside.publish(as: digest, holding: 1000)
                try second.write(Array(bytes[600...]))
                try second.publish(as: digest, holding: 1000)
            }
            #expect(try layout.resume(digest).offset == 0)
            // What is wrong does not stay.
            let other = ImageDigest(of: [1])
            do {
                let wrong = try layout.resume(other)
                try wrong.write([2])
                #expect(throws: ApolloError.self) { try wrong.publish(as: other, holding: 1) }
            }
            #expect(try layout.resume(other).offset == 0)
        }
    }

    // MARK: Archives

    private func archive(_ path: String, _ members: [(name: String, kind: TreeMember.Kind, text: String)])
        throws -> Int32
    {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        let writer = try TreeWriter.open(to: file)
        for member in members {
            try writer.begin(
                TreeMember(
                    name: member.name, kind: member.kind, mode: 0o644, modified: Timestamp(microseconds: 0)))
            if !member.text.isEmpty { try writer.write(Array(member.text.utf8)[...]) }
        }
        try writer.finish()
        try #require(lseek(file, 0, SEEK_SET) == 0)
        return file
    }

    private func file(_ name: String, _ text: String) -> (name: String, kind: TreeMember.Kind, text: String) {
        (name, .file(size: Int64(text.utf8.count)), text)
    }

    private func docker(_ layer: String, config: String? = nil) -> [(
        name: String, kind: TreeMember.Kind, text: String
    )] {
        let identifier = ImageDigest(of: Array(layer.utf8))
        let config =
            config
            ?? #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["\#(identifier)","\#(identifier)"]}}"#
        return [
            file("abc.json", config), file("1/layer.tar", layer),
            ("2/layer.tar", .link(to: "../1/layer.tar"), ""),
            file(
                "manifest.json",
                #"[{"Config":"abc.json","RepoTags":["app:v1","app:v2"],"Layers":["1/layer.tar","2/layer.tar"]}]"#
            ),
        ]
    }

    @Test("Docker's archives are read, with layers that stand for others")
    func dockerArchives() throws {
        try withDirectory { path in
            let layout = try ImageLayout(preparing: "\(path)/layout")
            let source = try archive("\(path)/a.tar", docker("no real layer"))
            defer { close(source) }
            let found = try ArchiveImport(into: layout).run(from: source)
            #expect(found.map(\.name) == ["app:v1", "app:v2"] && found[0].descriptor == found[1].descriptor)
            guard case .manifest(let manifest) = try ImageDocument(layout.document(found[0].descriptor))
            else {
                throw ImageError.document("no manifest")
            }
            #expect(manifest.layers.count == 2 && manifest.layers[0] == manifest.layers[1])
            #expect(manifest.layers[0].mediaType == ImageMediaType.gzipLayer)
        }
    }

    @Test("A layout that was packed is read, and what is not what its name says is refused")
    func layoutArchives() throws {
        try withDirectory { path in
            try makeRoot("\(path)/root", order: ["a"])
            let descriptor = try build("\(path)/root", .init(compression: .none), into: "\(path)/built")
            let built = try ImageLayout(opening: "\(path)/built")
            try built.name(descriptor, "v1")
            guard case .manifest(let manifest) = try ImageDocument(built.document(descriptor)) else {
                throw ImageError.document("no manifest")
            }
            func blob(_ each: ImageDescriptor, _ text: String? = nil) throws -> (
                name: String, kind: TreeMember.Kind, text: String
            ) {
                file(
                    "blobs/sha256/\(each.digest.hex)",
                    try text ?? String(decoding: built.document(each), as: UTF8.self))
            }
            let index = String(decoding: try built.index().bytes, as: UTF8.self)
            let good = [
                file("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#), file("./index.json", index),
                try blob(descriptor), try blob(manifest.configuration), try blob(manifest.layers[0]),
            ]
            let source = try archive("\(path)/a.tar", good)
            defer { close(source) }
            let layout = try ImageLayout(preparing: "\(path)/layout")
            #expect(try ArchiveImport(into: layout).run(from: source).map(\.name) == ["v1"])
            #expect(layout.has(manifest.layers[0]))
            let bad = try archive("\(path)/b.tar", good.dropLast() + [try blob(manifest.layers[0], "other")])
            defer { close(bad) }
            #expect(throws: ApolloError.self) {
                try ArchiveImport(into: try ImageLayout(preparing: "\(path)/other")).run(from: bad)
            }
        }
    }

    @Test(
        "What leads out of an archive, or is too much, is refused, and leaves nothing",
        arguments: ["../evil", "/etc/evil", "a/../../evil", "./../evil"])
    func outside(name: String) throws {
        try withDirectory { path in
            let source = try archive("\(path)/a.tar", docker("x") + [file(name, "evil")])
            defer { close(source) }
            let layout = try ImageLayout(preparing: "\(path)/layout")
            #expect(throws: ApolloError.self) { try ArchiveImport(into: layout).run(from: source) }
            #expect(try layout.index().manifests.isEmpty)
            #expect(access("\(path)/evil", F_OK) != 0)
        }
    }

    @Test("A bomb is put away when it has become too large")
    func bombs() throws {
        try withDirectory { path in
            var limits = ArchiveImport.Limits()
            limits.bytes = 1000
            let source = try archive("\(path)/a.tar", docker(String(repeating: "x", count: 2000)))
            defer { close(source) }
            let layout = try ImageLayout(preparing: "\(path)/layout")
            #expect(throws: ApolloError.self) {
                try ArchiveImport(into: layout, limits: limits).run(from: source)
            }
            limits = ArchiveImport.Limits()
            limits.members = 2
            try #require(lseek(source, 0, SEEK_SET) == 0)
            #expect(throws: ApolloError.self) {
                try ArchiveImport(into: layout, limits: limits).run(from: source)
            }
        }
    }

    @Test("Layers that are not those of the configuration are refused")
    func wrongLayers() throws {
        try withDirectory { path in
            let other = ImageDigest(of: [1])
            for config in [
                #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["\#(other)","\#(other)"]}}"#,
                #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#, "{}", "[",
            ] {
                let source = try archive("\(path)/a.tar", docker("x", config: config))
                defer { close(source) }
                #expect(throws: ApolloError.self) {
                    try ArchiveImport(into: try ImageLayout(preparing: "\(path)/layout")).run(from: source)
                }
            }
        }
    }
}

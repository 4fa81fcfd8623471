import ClusterModel
import Concurrency
import Core
import Glibc
import ImageModel
import ScriptedRegistries
import TaskRuntimes
import TestImages
import Testing

@testable import UnpackedImages

/// What a store fetches, and what it takes away.
@Suite(.enabled(if: geteuid() == 0, "needs root"))
struct StoreTests {
    private static let name = "apollo.test/one:1"
    private static let other = "apollo.test/two:1"

    /// A layer of more than two million bytes, which are written as they come.
    private func layer(_ seed: UInt8, bytes: Int = 3 << 20) -> [UInt8] {
        var tar = TarWriter()
        tar.add(file: "file-\(seed)", [UInt8](repeating: seed, count: bytes))
        return tar.finish()
    }

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/apollo-store-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? DirectoryTree.remove(directory) }
        try await body(directory + "/images")
    }

    private func store(_ directory: String, _ source: ScriptedImages) -> ImageStore {
        ImageStore(settings: .init(directory: directory), source: source, environment: .live)
    }

    @discardableResult
    private func fetch(_ name: String, by store: ImageStore) async throws -> StoredImage {
        try await store.withImage(try ImageReference(parsing: name), .missing, report: { _ in }) { $0 }
    }

    @Test func `a layer that breaks off is gone on with, also by the next store`() async throws {
        let layer = layer(1)
        let source = ScriptedImages([Self.name: [layer]])
        try await withDirectory { directory in
            source.answer([.broken(after: 2 << 20)])
            try await fetch(Self.name, by: store(directory, source))
            #expect(source.takeOffsets() == [0, 2 << 20])
        }
        try await withDirectory { directory in
            // As often as one start asks; then it gives up, and what has come stays.
            let nothing = [ScriptedImages.Answer](repeating: .broken(after: 0), count: 3)
            source.answer([.broken(after: 2 << 20)] + nothing)
            await #expect(throws: RuntimeError.self) {
                try await fetch(Self.name, by: store(directory, source))
            }
            #expect(source.takeOffsets() == [0, 2 << 20, 2 << 20, 2 << 20])
            let image = try await fetch(Self.name, by: store(directory, source))
            #expect(source.takeOffsets() == [2 << 20])
            #expect(StoreFiles.names(in: image.layers[0]) == ["file-1"])
            #expect(StoreFiles.names(in: StoreFiles(directory: directory).downloads) == [])
        }
    }

    @Test func `a registry that cannot begin in the middle sends all of it anew`() async throws {
        let source = ScriptedImages([Self.name: [layer(1)]])
        try await withDirectory { directory in
            source.answer([.broken(after: 2 << 20), .fromStart])
            let image = try await fetch(Self.name, by: store(directory, source))
            #expect(source.takeOffsets() == [0, 2 << 20])
            #expect(StoreFiles.names(in: image.layers[0]) == ["file-1"])
        }
    }

    @Test func `what has come of a layer is not believed, and not kept where it is wrong`() async throws {
        let bytes = layer(1)
        let source = ScriptedImages([Self.name: [bytes]])
        try await withDirectory { directory in
            let files = StoreFiles(directory: directory)
            try files.prepare()
            try StoreFiles.write(
                [UInt8](repeating: 9, count: 1000), to: files.download(ImageDigest(of: bytes)))
            await #expect(throws: RuntimeError.self) {
                try await fetch(Self.name, by: store(directory, source))
            }
            #expect(source.takeOffsets() == [1000])
            #expect(StoreFiles.names(in: files.downloads) == [])
            try await fetch(Self.name, by: store(directory, source))
            #expect(source.takeOffsets() == [0])
        }
    }

    /// As if it had been used last so long ago.
    private func age(_ name: String, _ files: StoreFiles, by duration: Duration) throws {
        let path = files.reference(try ImageReference(parsing: name))
        var times = [timespec](repeating: timespec(), count: 2)
        let then = Environment.live.wallClock.now.advanced(by: .zero - duration)
        times[0].tv_sec = Int(then.microseconds / 1_000_000)
        times[1] = times[0]
        try #require(utimensat(AT_FDCWD, path, times, 0) == 0)
    }

    @Test func `what nobody has used for long goes, but for what others and containers use`() async throws {
        let (shared, first, second) = (layer(1, bytes: 10), layer(2, bytes: 10), layer(3, bytes: 10))
        let source = ScriptedImages([Self.name: [shared, first], Self.other: [shared, second]])
        try await withDirectory { directory in
            let files = StoreFiles(directory: directory)
            let store = store(directory, source)
            let one = try await fetch(Self.name, by: store)
            let two = try await fetch(Self.other, by: store)
            func layers() -> Set<String> { Set(StoreFiles.names(in: files.layers)) }
            func names(_ layers: [UInt8]...) -> Set<String> {
                Set(layers.map { StoreFiles.name(ImageDigest(of: $0)) })
            }
            #expect(layers() == names(shared, first, second))
            #expect(try await store.collect(keepingImages: []) == CollectedImages())
            try age(Self.name, files, by: .seconds(31 * 86400))
            // A container that runs has it: its name is forgotten, and nothing else.
            #expect(
                try await store.collect(keepingImages: [one.digest])
                    == CollectedImages(references: 1, layers: 0))
            #expect(layers() == names(shared, first, second))
            #expect(
                try await store.collect(keepingImages: []) == CollectedImages(references: 0, layers: 1))
            #expect(layers() == names(shared, second))
            #expect(access(two.layers[1] + "/file-3", F_OK) == 0)
            // It is used now: its time is this one again.
            try age(Self.other, files, by: .seconds(31 * 86400))
            try await fetch(Self.other, by: store)
            #expect(try await store.collect(keepingImages: []) == CollectedImages())
            try age(Self.other, files, by: .seconds(31 * 86400))
            #expect(
                try await store.collect(keepingImages: []) == CollectedImages(references: 1, layers: 2))
            #expect(layers() == [] && StoreFiles.names(in: files.documents) == [])
            // And it can be had again.
            _ = source.takeOffsets()
            try await fetch(Self.name, by: store)
            #expect(source.takeOffsets() == [0, 0])
        }
    }

    @Test func `above the size of the cache those go that were used longest ago`() async throws {
        let (shared, first, second) = (layer(1, bytes: 1000), layer(2, bytes: 1000), layer(3, bytes: 1000))
        let source = ScriptedImages([Self.name: [shared, first], Self.other: [shared, second]])
        try await withDirectory { directory in
            let files = StoreFiles(directory: directory)
            func store(_ cache: Int64) -> ImageStore {
                var settings = ImageStore.Settings(directory: directory)
                settings.cache = ByteCount(cache)
                return ImageStore(settings: settings, source: source, environment: .live)
            }
            let one = try await fetch(Self.name, by: store(3000))
            try await fetch(Self.other, by: store(3000))
            try age(Self.name, files, by: .seconds(60))
            #expect(try await store(3000).collect(keepingImages: []) == CollectedImages())
            // A store of before did not write down what layers hold: then the disk says it.
            for name in StoreFiles.names(in: files.sizes) { unlink("\(files.sizes)/\(name)") }
            rmdir(files.sizes)
            #expect(try await store(1 << 20).collect(keepingImages: []) == CollectedImages())
            for digest in one.configuration.layers {
                try StoreFiles.write(
                    UnpackedSize(bytes: 1000, members: 1).bytesOfRecord, to: files.size(digest))
            }
            // What a container has is counted, and stays.
            #expect(
                try await store(2999).collect(keepingImages: [one.digest])
                    == CollectedImages(references: 1, layers: 1))
            #expect(access(one.layers[1] + "/file-2", F_OK) == 0)
            _ = source.takeOffsets()
            try await fetch(Self.other, by: store(3000))
            #expect(source.takeOffsets() == [0])
            try age(Self.name, files, by: .seconds(60))
            #expect(
                try await store(2999).collect(keepingImages: [])
                    == CollectedImages(references: 1, layers: 1))
            #expect(access(one.layers[1], F_OK) != 0)
        }
    }

    @Test func `an image is refused that unpacks to more than it may, and leaves nothing`() async throws {
        let (shared, second) = (layer(1, bytes: 1000), layer(2, bytes: 1000))
        let source = ScriptedImages([Self.name: [shared, second], Self.other: [shared]])
        try await withDirectory { directory in
            let files = StoreFiles(directory: directory)
            var settings = ImageStore.Settings(directory: directory)
            settings.limits.bytes = ByteCount(1999)
            let store = ImageStore(settings: settings, source: source, environment: .live)
            // Also where one of its layers is here already.
            for name in [Self.name, Self.other, Self.name] {
                do {
                    try await fetch(name, by: store)
                    #expect(name == Self.other)
                } catch {
                    #expect(name == Self.name)
                    #expect("\(error)".contains("oci.image.size"), "\(error)")
                }
                #expect(StoreFiles.names(in: files.downloads) == [])
                #expect(StoreFiles.names(in: files.layers).filter { $0.hasPrefix("staging-") } == [])
            }
            try await store.collect(keepingImages: [])
            #expect(StoreFiles.names(in: files.layers) == [StoreFiles.name(ImageDigest(of: shared))])
        }
    }

    @Test func `nothing is taken away while an image is being used`() async throws {
        let source = ScriptedImages([Self.name: [layer(1, bytes: 10)]])
        try await withDirectory { directory in
            let store = store(directory, source)
            let collected = try await store.withImage(
                try ImageReference(parsing: Self.name), .missing, report: { _ in }
            ) { _ in try await store.collect(keepingImages: []) }
            #expect(collected == nil)
        }
    }
}

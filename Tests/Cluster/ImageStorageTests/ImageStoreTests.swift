import Concurrency
import Core
import Cryptography
import Databases
import Glibc
import ImageModel
import ImageStorage
import ObjectStorage
import Synchronization
import TestDatabases
import Testing

@Suite(.everyDatabase) struct ImageStoreTests {
    /// A registry on a database and in a directory of its own.
    private func withStore(
        quota: Int64? = nil, _ body: (ImageStore, ObjectStore, String) async throws -> Void
    ) async throws {
        var template = Array("/tmp/apollo-images-XXXXXX".utf8CString)
        let path = try #require(
            template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
        // Whatever becomes of the test.
        defer {
            Self.files(path).forEach { unlink($0) }
            for folder in Self.names(path) { rmdir("\(path)/\(folder)") }
            rmdir(path)
        }
        let database = try await TestDatabase.open(environment: .live)
        for migrations in [ObjectStore.migrations, ImageStore.migrations] {
            try await migrations.apply(to: database, clock: Environment.live.wallClock)
        }
        let objects = ObjectStore(try BlobDirectory(preparing: path), database, environment: .live) {
            Issue.record("\($0)")
        }
        let store = ImageStore(objects, environment: .live, configuration: .init(quota: quota))
        try await body(store, objects, path)
        await database.close()
    }

    private static func files(_ path: String) -> [String] {
        names(path).flatMap { folder in names("\(path)/\(folder)").map { "\(path)/\(folder)/\($0)" } }
    }

    private static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private let app = RepositoryRecord(name: try! RepositoryName(parsing: "app"), project: "default")
    private let other = RepositoryRecord(name: try! RepositoryName(parsing: "other"), project: "default")

    private func bytes(_ count: Int, _ seed: UInt8) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed)) }
    }

    private func push(
        _ bytes: [UInt8], to repository: RepositoryRecord, _ store: ImageStore
    ) async throws -> ImageDescriptor {
        let writer = store.write(.sha256)
        try await writer.append(bytes)
        let piece = try await writer.finish()
        let digest = try #require(piece.digester).finish()
        try await store.put(piece.content, as: digest, in: repository, by: "a")
        return ImageDescriptor(
            mediaType: ImageMediaType.layer, digest: digest, size: Int64(bytes.count))
    }

    private func push(
        _ document: ImageDocument, tags: [String] = [], to repository: RepositoryRecord, _ store: ImageStore
    ) async throws -> ImageDigest {
        let writer = store.write(.sha256)
        try await writer.append(document.bytes)
        let piece = try await writer.finish()
        let digest = try #require(piece.digester).finish()
        try await store.put(
            document, piece.content, as: digest, tags: try tags.map { try ImageTag(parsing: $0) },
            in: repository, by: "a")
        return digest
    }

    private func read(
        _ digest: ImageDigest, in repository: RepositoryRecord, _ store: ImageStore
    ) async throws -> [UInt8] {
        let (blob, reader) = try await store.open(digest, in: repository.name)
        var all: [UInt8] = []
        while Int64(all.count) < blob.size {
            all += try await reader.next(from: Int64(all.count), upTo: blob.size)
        }
        return all
    }

    @Test("An upload in pieces becomes one blob, whoever remembers its hash")
    func uploads() async throws {
        try await withStore { store, objects, path in
            let whole = bytes(2_500_000, 1)
            for forgets in [false, true] {
                var upload = try await store.beginUpload(to: app, .sha256, by: "a")
                for part in [0..<1_000_000, 1_000_000..<1_000_100, 1_000_100..<2_500_000] {
                    // Another instance is one that has started anew.
                    let at =
                        forgets
                        ? ImageStore(objects, environment: .live, configuration: .init()) : store
                    let writer = at.beginPiece(of: upload)
                    try await writer.append(Array(whole[part]))
                    upload = try await at.append(try await writer.finish(), to: upload)
                }
                await #expect(throws: ImageStoreError.wrongDigest) {
                    try await store.complete(upload, as: ImageDigest(of: [1]))
                }
                try await store.complete(upload, as: ImageDigest(of: whole))
                #expect(try await read(ImageDigest(of: whole), in: app, store) == whole)
                await #expect(throws: ImageStoreError.noUpload) {
                    try await store.upload(upload.id, to: app.name)
                }
            }
            // The second is the first again: its files are gone. Of three pieces two have files.
            #expect(Self.files(path).count == 2)
        }
    }

    @Test("What came before a client went is kept, though its request is cancelled")
    func gone() async throws {
        struct Gone: Error {}
        try await withStore { store, _, _ in
            let whole = bytes(2_500_000, 1)
            let upload = try await store.beginUpload(to: app, .sha256, by: "a")
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    let rest = Mutex([whole[..<1_500_000], whole[1_500_000..<2_000_000]])
                    await #expect(throws: Gone.self) {
                        try await store.append(to: upload) {
                            try rest.withLock { rest in
                                guard !rest.isEmpty else { throw Gone() }
                                return Array(rest.removeFirst())
                            }
                        }
                    }
                }
            }
            let kept = try await store.upload(upload.id, to: app.name)
            #expect(kept.size == 2_000_000)
            let rest = Mutex([Array(whole[2_000_000...])])
            let all = try await store.append(to: kept) { rest.withLock { $0.popLast() } }
            try await store.complete(all, as: ImageDigest(of: whole))
            #expect(try await read(ImageDigest(of: whole), in: app, store) == whole)
        }
    }

    @Test("Of two pieces for the same place one is taken")
    func places() async throws {
        try await withStore { store, _, _ in
            let upload = try await store.beginUpload(to: app, .sha256, by: "a")
            let (one, two) = (store.beginPiece(of: upload), store.beginPiece(of: upload))
            try await one.append([1])
            try await two.append([2, 3])
            _ = try await store.append(try await one.finish(), to: upload)
            let late = try await two.finish()
            await #expect(throws: ImageStoreError.wrongOffset(1)) {
                try await store.append(late, to: upload)
            }
        }
    }

    @Test("The same bytes are stored once, and go with the last repository that has them")
    func shared() async throws {
        try await withStore { store, _, path in
            let layer = try await push(bytes(100_000, 2), to: app, store)
            _ = try await push(bytes(100_000, 2), to: other, store)
            #expect(Self.files(path).count == 1)
            try await store.deleteBlob(layer.digest, in: app.name)
            await #expect(throws: ImageStoreError.noBlob) { try await store.blob(layer.digest, in: app.name) }
            #expect(try await read(layer.digest, in: other, store).count == 100_000)
            try await store.deleteBlob(layer.digest, in: other.name)
            #expect(Self.files(path).isEmpty)
        }
    }

    @Test("What no manifest uses is collected when its time is over, and what one uses is not")
    func collection() async throws {
        try await withStore { store, _, path in
            let used = try await push(bytes(50_000, 3), to: app, store)
            let unused = try await push(bytes(60_000, 4), to: app, store)
            let manifest = ImageManifest(configuration: used, layers: [])
            let digest = try await push(.manifest(manifest), tags: ["v1"], to: app, store)
            let upload = try await store.beginUpload(to: app, .sha256, by: "a")
            #expect(try await store.collect().isEmpty)
            let collected = try await store.collect(grace: .zero)
            #expect(collected.links == 1 && collected.blobs == 1 && collected.bytes == 60_000)
            #expect(collected.uploads == 1)
            await #expect(throws: ImageStoreError.noUpload) {
                try await store.upload(upload.id, to: app.name)
            }
            await #expect(throws: ImageStoreError.noBlob) {
                try await store.blob(unused.digest, in: app.name)
            }
            #expect(try await read(used.digest, in: app, store).count == 50_000)

            // Without its tag the manifest stays until it is asked for.
            try await store.deleteTag(ImageTag(parsing: "v1"), in: app.name)
            #expect(try await store.collect(grace: .zero).isEmpty)
            let rest = try await store.collect(grace: .zero, untagged: true)
            #expect(rest.manifests == 1 && rest.links == 1 && rest.repositories == 1)
            await #expect(throws: ImageStoreError.noRepository) {
                try await store.describe(.digest(digest), in: app.name)
            }
            #expect(Self.files(path).isEmpty)
        }
    }

    @Test("The manifests of an index, and signatures of what is there, are not untagged")
    func untagged() async throws {
        try await withStore { store, _, _ in
            let layer = try await push(bytes(10, 5), to: app, store)
            let manifest = ImageDocument.manifest(ImageManifest(configuration: layer, layers: []))
            let child = try await push(manifest, to: app, store)
            let named = ImageDescriptor(
                mediaType: ImageMediaType.manifest, digest: child, size: Int64(manifest.bytes.count))
            let index = try await push(.index(ImageIndex(manifests: [named])), tags: ["v1"], to: app, store)
            _ = try await push(
                .manifest(
                    ImageManifest(
                        artifactType: "a/signature", configuration: layer, layers: [], subject: named)),
                to: app, store)
            #expect(try await store.collect(grace: .zero, untagged: true).isEmpty)
            try await store.deleteManifest(index, in: app.name)
            #expect(try await store.collect(grace: .zero, untagged: true).manifests == 2)
        }
    }

    @Test("No image that was pushed lacks anything, while garbage is collected without mercy")
    func races() async throws {
        try await withStore { store, _, _ in
            let (stop, pushed) = (OneShot(), Count())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !stop.isSet { _ = try? await store.collect(grace: .zero) }  // Refused in between.
                }
                try await withThrowingTaskGroup(of: Void.self) { pushes in
                    for number in 0..<4 {
                        pushes.addTask {
                            for round in 0..<25 {
                                let layer = try await push(
                                    bytes(20_000, UInt8((number + round) % 8)), to: app, store)
                                let manifest = ImageManifest(
                                    configuration: layer, layers: [],
                                    annotations: ["n": "\(number)-\(round)"])
                                do {
                                    _ = try await push(
                                        .manifest(manifest), tags: ["t\(number)"], to: app, store)
                                    pushed.add()
                                } catch ImageStoreError.missing {
                                    // Collected in between: its client pushes it again.
                                }
                            }
                        }
                    }
                    try await pushes.waitForAll()
                }
                stop.set()
                try await group.waitForAll()
            }
            #expect(pushed.value > 0)
            for tag in try await store.tags(in: app.name, after: "", limit: 10) {
                let (_, text) = try await store.manifest(.tag(ImageTag(parsing: tag)), in: app.name)
                guard case .manifest(let manifest) = try ImageDocument(text) else { continue }
                #expect(try await read(manifest.configuration.digest, in: app, store).count == 20_000)
            }
        }
    }

    @Test("A project has no more bytes than its quota, what is shared counted once")
    func quota() async throws {
        try await withStore(quota: 100_000) { store, _, _ in
            let layer = try await push(bytes(60_000, 6), to: app, store)
            try await store.mount(layer.digest, from: app.name, to: other, by: "a")
            #expect(try await store.bytes(ofProject: "default") == 60_000)
            await #expect(throws: ImageStoreError.quota(limit: 100_000)) {
                try await push(bytes(50_000, 7), to: other, store)
            }
            let elsewhere = RepositoryRecord(name: try RepositoryName(parsing: "b/app"), project: "b")
            _ = try await push(bytes(50_000, 7), to: elsewhere, store)
        }
    }
}

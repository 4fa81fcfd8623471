public import ClusterModel
import Concurrency
public import Core
import Documents
import Glibc
import ImageClients
public import ImageModel
public import TaskRuntimes

/// An image whose layers are on this machine, unpacked.
public struct StoredImage: Hashable, Sendable {
    public var reference: ImageReference
    /// Of its manifest.
    public var digest: ImageDigest
    public var configuration: ImageConfiguration
    /// The directories of its layers, from the lowest to the highest.
    public var layers: [String]
}

/// The images of one machine: each layer unpacked once, whichever images have it, and there whole or not at all. What is not there is
/// fetched from its registry.
public final class ImageStore: Sendable {
    public struct Settings: Sendable {
        /// Absolute; made where it is not there.
        public var directory: String
        public var limits = UnpackLimits()
        /// How many layers are fetched and unpacked at once.
        public var parallelLayers = 3
        /// The most that unpacked layers take which no container has.
        public var cache = ByteCount.gibibytes(64)
        /// How long an image stays that nothing uses.
        public var keep: Duration = .seconds(30 * 86400)
        public var platform = ImagePlatform.host

        public init(directory: String) { self.directory = directory }
    }

    let settings: Settings
    let files: StoreFiles
    let source: any ImageSource
    let environment: Environment
    let pool: BlockingPool
    let turns = NamedTurns()
    let gate = UseGate()
    let permits: Permits

    public init(settings: Settings, source: any ImageSource, environment: Environment) {
        self.settings = settings
        files = StoreFiles(directory: settings.directory)
        self.source = source
        self.environment = environment
        pool = BlockingPool(name: "images", threads: settings.parallelLayers + 1)
        permits = Permits(settings.parallelLayers)
    }

    deinit { pool.stop() }

    /// Runs `body` with the image behind a reference, fetched as the policy says; for as long, nothing of it is taken away. A
    /// reference without a host is Docker Hub's.
    public func withImage<Value>(
        _ reference: ImageReference, _ policy: PullPolicy,
        report: @escaping @Sendable (LaunchProgress) -> Void,
        _ body: (StoredImage) async throws -> Value
    ) async throws(RuntimeError) -> Value {
        do {
            return try await gate.using {
                try await body(try await image(reference.onDockerHub, policy, report))
            }
        } catch {
            throw RuntimeError(error)
        }
    }

    private func image(
        _ reference: ImageReference, _ policy: PullPolicy,
        _ report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StoredImage {
        do {
            if policy != .always, let stored = try await stored(reference) { return stored }
            guard policy != .never else {
                throw RuntimeError.rejected(
                    "image '\(reference)' is not on this machine, and its pull policy is 'never'",
                    hint: "set the policy to 'missing'")
            }
            return try await turns.run("image \(reference)") {
                // Another may have fetched it while this one waited.
                if policy != .always, let stored = try await self.stored(reference) { return stored }
                return try await self.pull(reference, report)
            }
        } catch let error as LayerError {
            throw error.runtimeError("image '\(reference)'")
        } catch let error as ImageError {
            throw .rejected("image '\(reference)' cannot be used: \(error)", hint: nil)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// What is on this machine already; nil where anything of it is missing.
    private func stored(_ reference: ImageReference) async throws -> StoredImage? {
        let files = files
        return try await pool.run("finding an image") { () throws -> StoredImage? in
            let path = files.reference(reference)
            // What cannot be read is fetched again.
            guard let text = try StoreFiles.read(path, limit: 1024), let record = try? Record(text),
                record.reference == reference.description,
                let manifestBytes = try StoreFiles.read(files.document(record.manifest)),
                case .manifest(let manifest) = try ImageDocument(manifestBytes),
                let bytes = try StoreFiles.read(files.document(manifest.configuration.digest))
            else { return nil }
            let configuration = try ImageConfiguration(bytes)
            let layers = configuration.layers.map(files.layer)
            guard layers.allSatisfy({ access($0, F_OK) == 0 }) else { return nil }
            // When it was used last.
            utimensat(AT_FDCWD, path, nil, 0)
            return StoredImage(
                reference: reference, digest: record.manifest, configuration: configuration, layers: layers)
        }
    }

    private func pull(
        _ reference: ImageReference, _ report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws -> StoredImage {
        report(LaunchProgress(activity: "pulling \(reference)"))
        let (manifest, fetched, configuration, bytes) = try await described(reference)
        let files = files
        try await pool.run("making a store of images") { try files.prepare() }
        let packed = try Self.sum(manifest.layers, settings.limits)
        let progress = PullProgressReport(reference, total: packed, environment.clock, report)
        let budget = UnpackBudget(settings.limits, on: settings.directory)
        do {
            try await provide(manifest, configuration, reference, budget, progress)
        } catch let error as LayerError where error.isOfImage {
            // Nobody will go on with what has come of it.
            for layer in manifest.layers {
                try await turns.run("download \(layer.digest)") {
                    try await self.pool.run("removing a download") {
                        _ = unlink(files.download(layer.digest))
                    }
                }
            }
            throw error
        }
        let record = Record(reference: reference.description, manifest: fetched.digest)
        try await pool.run("storing an image") {
            // The reference last: what it names is there then.
            try StoreFiles.write(bytes, to: files.document(manifest.configuration.digest))
            try StoreFiles.write(fetched.bytes, to: files.document(fetched.digest))
            try StoreFiles.write(record.bytes, to: files.reference(reference))
        }
        return StoredImage(
            reference: reference, digest: fetched.digest, configuration: configuration,
            layers: configuration.layers.map(files.layer))
    }

    /// Has all layers of an image here, unpacked.
    private func provide(
        _ manifest: ImageManifest, _ configuration: ImageConfiguration, _ reference: ImageReference,
        _ budget: UnpackBudget, _ progress: PullProgressReport
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (descriptor, digest) in zip(manifest.layers, configuration.layers) {
                group.addTask {
                    try await self.permits.withPermit {
                        try await self.provide(
                            digest, by: descriptor, of: reference, within: budget, progress)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Of the bytes of layers as they come: packed they have no more than unpacked, but for a little.
    private static func sum(
        _ layers: [ImageDescriptor], _ limits: UnpackLimits
    ) throws(LayerError) -> Int64 {
        var sum: Int64 = 0
        for layer in layers {
            let (next, overflows) = sum.addingReportingOverflow(layer.size)
            guard !overflows, next <= limits.bytes.bytes + (1 << 20) else {
                throw .tooLarge(
                    "its layers have more than \(limits.bytes), packed", setting: "oci.image.size")
            }
            sum = next
        }
        return sum
    }

    private func described(
        _ reference: ImageReference
    ) async throws -> (ImageManifest, FetchedDocument, ImageConfiguration, [UInt8]) {
        do throws(RegistryClientError) {
            let (manifest, fetched) = try await source.manifest(reference, for: settings.platform)
            guard ImageMediaType.isConfiguration(manifest.configuration.mediaType) else {
                throw .malformed(
                    "\(reference) is no image of a file system: \(manifest.configuration.mediaType)")
            }
            if let layer = manifest.layers.first(where: {
                ImageMediaType.compression(ofLayer: $0.mediaType) == nil
            }) {
                throw .malformed(
                    "\(reference) has a layer of a kind that cannot be unpacked: \(layer.mediaType)")
            }
            let bytes = try await source.blob(
                manifest.configuration, of: reference, limit: ImageLimits.document)
            let configuration: ImageConfiguration
            do throws(ImageError) { configuration = try ImageConfiguration(bytes) } catch {
                throw .malformed("the configuration of \(reference) cannot be read: \(error)")
            }
            guard configuration.layers.count == manifest.layers.count else {
                throw .malformed(
                    "\(reference) has \(manifest.layers.count) layers, and its configuration \(configuration.layers.count)"
                )
            }
            guard configuration.platform.runs(on: settings.platform) else {
                throw .noPlatform(
                    "image \(reference) is for \(configuration.platform), and this machine is \(settings.platform)"
                )
            }
            return (manifest, fetched, configuration, bytes)
        } catch {
            throw error.runtimeError
        }
    }
}

/// What a reference stood for last.
struct Record: Hashable {
    var reference: String
    /// The image's, for this machine.
    var manifest: ImageDigest

    init(reference: String, manifest: ImageDigest) {
        self.reference = reference
        self.manifest = manifest
    }

    init(_ bytes: [UInt8]) throws {
        let document = try JSONReader().read(bytes)
        reference = document["reference"]?.string ?? ""
        manifest = try ImageDigest(parsing: document["manifest"]?.string ?? "")
    }

    var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("reference", reference)
        writer.field("manifest", manifest.text)
        writer.endObject()
        return writer.bytes
    }
}

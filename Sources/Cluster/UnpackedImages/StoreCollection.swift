import CApollo
import Concurrency
import Core
import Glibc
public import ImageModel
public import TaskRuntimes

/// What was taken away.
public struct CollectedImages: Hashable, Sendable {
    public var references = 0
    public var layers = 0
}

/// Taking away what nothing uses.
extension ImageStore {
    /// Takes away references that no task has used for ``Settings/keep``, those used longest ago where layers take more than
    /// ``Settings/cache``, and the layers that no other image has, nor a container that
    /// runs. Nil where images are being fetched or mounted; then it is for another time.
    ///
    /// - Parameter inUse: the images of containers, by the digests of their manifests.
    @discardableResult
    public func collect(
        keepingImages inUse: Set<ImageDigest>
    ) async throws(RuntimeError) -> CollectedImages? {
        let (files, cache) = (files, settings.cache.bytes)
        let oldest = environment.wallClock.now.advanced(by: .zero - settings.keep)
        do {
            return try await gate.clearing {
                try await pool.run("removing images") {
                    try Self.collect(files, inUse, before: oldest, cache: cache)
                }
            }
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .failed("cannot remove images: \(error)")
        }
    }

    /// What a reference stands for, and when it was used last.
    private struct KnownReference {
        var path: String
        /// Nil where that cannot be read.
        var image: ImageDigest?
        var used: Timestamp
    }

    private static func references(_ files: StoreFiles) throws -> [KnownReference] {
        try StoreFiles.names(in: files.references).compactMap { name in
            let path = "\(files.references)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            // What cannot be read names nothing.
            let record = try StoreFiles.read(path, limit: 1024).flatMap { try? Record($0) }
            let used = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
            return KnownReference(path: path, image: record?.manifest, used: Timestamp(microseconds: used))
        }
    }

    private static func collect(
        _ files: StoreFiles, _ inUse: Set<ImageDigest>, before oldest: Timestamp, cache: Int64
    ) throws -> CollectedImages {
        var collected = CollectedImages()
        func forget(_ path: String) {
            unlink(path)
            collected.references += 1
        }
        // Of containers first, then from the one that was used last on: each for as long as there is room.
        var kept = KeptImages(files)
        for image in inUse { try kept.add(image, within: .max) }
        for reference in try references(files).sorted(by: { $0.used > $1.used }) {
            guard let image = reference.image, reference.used >= oldest,
                try kept.add(image, within: cache)
            else {
                forget(reference.path)
                continue
            }
        }
        let (documents, layers) = (kept.documents, kept.layers)
        for name in StoreFiles.names(in: files.layers) where !layers.contains(name) {
            var path = "\(files.layers)/\(name)"
            if !name.hasPrefix("staging-") {
                // Its name goes first: a layer is whole for as long as it has one.
                let gone = "\(files.layers)/staging-\(name)"
                guard rename(path, gone) == 0 else { throw LayerError.system("cannot remove a layer") }
                path = gone
                collected.layers += 1
            }
            try DirectoryTree.remove(path)
        }
        for name in StoreFiles.names(in: files.sizes) where !layers.contains(name) {
            unlink("\(files.sizes)/\(name)")
        }
        for name in StoreFiles.names(in: files.documents) where !documents.contains(name) {
            unlink("\(files.documents)/\(name)")
        }
        // Nobody fetches anything now: what broke off and was not asked for again since is of no use to anyone.
        for name in StoreFiles.names(in: files.downloads) {
            let path = "\(files.downloads)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if Timestamp(microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000) < oldest { unlink(path) }
        }
        return collected
    }
}

/// Images that stay, and what they share.
private struct KeptImages {
    let files: StoreFiles
    private(set) var documents: Set<String> = []
    private(set) var layers: Set<String> = []
    private var bytes: Int64 = 0

    init(_ files: StoreFiles) { self.files = files }

    /// Keeps an image too, unless it needs room and all layers together have more than `limit` then.
    @discardableResult
    mutating func add(_ image: ImageDigest, within limit: Int64) throws -> Bool {
        var (documents, layers, bytes) = (documents, layers, bytes)
        documents.insert(StoreFiles.name(image))
        // A manifest that is not there has no layers to keep; one that cannot be read stops us.
        if let text = try StoreFiles.read(files.document(image)),
            case .manifest(let manifest) = try ImageDocument(text)
        {
            documents.insert(StoreFiles.name(manifest.configuration.digest))
            let configuration = try StoreFiles.read(files.document(manifest.configuration.digest))
            for layer in try configuration.map({ try ImageConfiguration($0).layers }) ?? [] {
                guard layers.insert(StoreFiles.name(layer)).inserted,
                    access(files.layer(layer), F_OK) == 0
                else { continue }
                bytes += try files.size(of: layer).bytes
            }
        }
        guard bytes == self.bytes || bytes <= limit else { return false }
        (self.documents, self.layers, self.bytes) = (documents, layers, bytes)
        return true
    }
}

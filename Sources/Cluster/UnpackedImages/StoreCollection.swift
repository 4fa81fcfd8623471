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
    /// Takes away references that no task has used for ``Settings/keep``, and the layers that no other image has, nor a container that
    /// runs. Nil where images are being fetched or mounted; then it is for another time.
    ///
    /// - Parameter inUse: the images of containers, by the digests of their manifests.
    @discardableResult
    public func collect(
        keepingImages inUse: Set<ImageDigest>
    ) async throws(RuntimeError) -> CollectedImages? {
        let (files, oldest) = (files, environment.wallClock.now.advanced(by: .zero - settings.keep))
        do {
            return try await gate.clearing {
                try await pool.run("removing images") { try Self.collect(files, inUse, before: oldest) }
            }
        } catch is CancellationError {
            throw .cancelled
        } catch {
            throw .failed("cannot remove images: \(error)")
        }
    }

    private static func collect(
        _ files: StoreFiles, _ inUse: Set<ImageDigest>, before oldest: Timestamp
    ) throws -> CollectedImages {
        var collected = CollectedImages()
        var images = inUse
        for name in StoreFiles.names(in: files.references) {
            let path = "\(files.references)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            // What cannot be read names nothing.
            let record = try StoreFiles.read(path, limit: 1024).flatMap { try? Record($0) }
            let used = Timestamp(microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000)
            if let record, used >= oldest {
                images.insert(record.manifest)
            } else {
                unlink(path)
                collected.references += 1
            }
        }
        var documents: Set<String> = []
        var layers: Set<String> = []
        for image in images {
            // A manifest that is not there has no layers to keep; one that cannot be read stops us.
            guard let bytes = try StoreFiles.read(files.document(image)) else { continue }
            documents.insert(StoreFiles.name(image))
            guard case .manifest(let manifest) = try ImageDocument(bytes) else { continue }
            documents.insert(StoreFiles.name(manifest.configuration.digest))
            guard let text = try StoreFiles.read(files.document(manifest.configuration.digest)) else {
                continue
            }
            layers.formUnion(try ImageConfiguration(text).layers.map(StoreFiles.name))
        }
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

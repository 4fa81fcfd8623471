public import Concurrency
import Core
import HTTPModel
import ImageClients
public import ImageFiles
public import ImageModel

/// Copies images between a registry and layouts. What is there already is not sent again, and what breaks off is gone on with.
public struct ImageTransfer: Sendable {
    /// What happens, for people to see.
    public enum Event: Sendable {
        /// Bytes that there are to copy, once more.
        case found(Int64)
        /// Bytes that were copied, or were there.
        case copied(Int64)
    }

    private let registry: ImageRegistry
    private let layout: ImageLayout
    private let pool: BlockingPool
    private let report: @Sendable (Event) -> Void

    private static let tries = 4

    public init(
        _ registry: ImageRegistry, _ layout: ImageLayout, pool: BlockingPool,
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.registry = registry
        self.layout = layout
        self.pool = pool
        self.report = report
    }

    // MARK: To the registry

    /// Pushes what `descriptor` names, with all that belongs to it.
    ///
    /// - Parameter base: a repository of the same registry that may have layers of it already. Those may be missing in the layout: where they
    ///   cannot be had by the registry itself, they are fetched from there.
    public func push(
        _ descriptor: ImageDescriptor, to repository: RepositoryName, tags: [ImageTag],
        layersOf base: RepositoryName? = nil
    ) async throws {
        var pushed: Set<ImageDigest> = []
        try await push(descriptor, repository, base, &pushed, depth: 0)
        guard !tags.isEmpty else { return }
        let bytes = try await read(descriptor)
        for tag in tags {
            try await registry.put(bytes, mediaType: descriptor.mediaType, as: .tag(tag), in: repository)
        }
    }

    /// - Parameter pushed: those that are there now: indexes that name each other many times over would take forever otherwise.
    private func push(
        _ descriptor: ImageDescriptor, _ repository: RepositoryName, _ base: RepositoryName?,
        _ pushed: inout Set<ImageDigest>, depth: Int
    ) async throws {
        guard pushed.insert(descriptor.digest).inserted else { return }
        let bytes = try await read(descriptor)
        switch try Self.document(bytes, descriptor) {
        case .index(let index):
            guard depth < 4 else {
                throw ApolloError(.invalid, "the image has indexes in indexes in indexes")
            }
            for child in index.manifests {
                try await push(child, repository, base, &pushed, depth: depth + 1)
            }
        case .manifest(let manifest):
            for blob in Self.own(manifest) { try await push(blob: blob, repository, base) }
        }
        try await registry.put(
            bytes, mediaType: descriptor.mediaType, as: .digest(descriptor.digest), in: repository)
    }

    private func push(
        blob: ImageDescriptor, _ repository: RepositoryName, _ base: RepositoryName?
    ) async throws {
        report(.found(blob.size))
        if try await registry.has(blob.digest, in: repository) { return report(.copied(blob.size)) }
        guard let upload = try await registry.beginUpload(to: repository, of: blob.digest, orFrom: base)
        else { return report(.copied(blob.size)) }
        if let base, try await !isInLayout(blob) { try await pull(blob: blob, base) }
        var offset: Int64 = 0
        for turn in 1... {
            do {
                let body = try BlobBody(
                    layout.file(blob.digest), offset..<blob.size, pool: pool
                ) { [report] in report(.copied($0)) }
                return try await registry.complete(
                    upload, in: repository, blob.digest, range: offset..<blob.size, body)
            } catch let error as ApolloError where error.kind == .unavailable && turn < Self.tries {
                offset = try await registry.uploaded(upload, in: repository)
            }
        }
    }

    // MARK: From the registry

    /// Pulls an image into the layout: of an index the one for `platform`, or all, where none is named.
    ///
    /// - Parameter withLayers: false for what says of an image what it is, without its files.
    public func pull(
        _ name: ManifestName, of repository: RepositoryName, for platform: ImagePlatform?,
        withLayers: Bool = true
    ) async throws -> ImageDescriptor {
        var found = try await registry.document(repository, name)
        if let platform, case .index(let index) = found.document {
            guard let fitting = index.manifest(for: platform) else {
                let there = index.manifests.compactMap { $0.platform?.description }.joined(separator: ", ")
                throw ApolloError(
                    .notFound, "the image is not there for \(platform)",
                    hint: there.isEmpty ? "--all pulls what there is" : "it is there for \(there)")
            }
            found = try await registry.document(repository, .digest(fitting.digest))
        }
        var pulled: Set<ImageDigest> = []
        try await pull(found, repository, withLayers, &pulled, depth: 0)
        return found.descriptor
    }

    /// - Parameter pulled: as of ``push(_:_:_:depth:)``.
    private func pull(
        _ found: FetchedDocument, _ repository: RepositoryName, _ withLayers: Bool,
        _ pulled: inout Set<ImageDigest>, depth: Int
    ) async throws {
        pulled.insert(found.digest)
        switch found.document {
        case .index(let index):
            guard depth < 4 else {
                throw ApolloError(.invalid, "the image has indexes in indexes in indexes")
            }
            for child in index.manifests where !pulled.contains(child.digest) {
                try await pull(
                    try await registry.document(repository, .digest(child.digest)), repository, withLayers,
                    &pulled, depth: depth + 1)
            }
        case .manifest(let manifest):
            for blob in Self.own(manifest) where withLayers || blob == manifest.configuration {
                try await pull(blob: blob, repository)
            }
        }
        try await pool.run("write an image") { [layout] in
            let blob = try layout.begin()
            try blob.write(found.bytes)
            try blob.publish(as: found.digest)
        }
    }

    private func pull(blob: ImageDescriptor, _ repository: RepositoryName) async throws {
        report(.found(blob.size))
        if try await isInLayout(blob) { return report(.copied(blob.size)) }
        let target = try await pool.run("write an image") { [layout] in try layout.resume(blob.digest) }
        var offset = target.offset
        if offset > blob.size {
            try await pool.run("write an image") { try target.restart() }
            offset = 0
        }
        report(.copied(offset))
        for turn in 1...Self.tries {
            if offset == blob.size { break }
            do {
                let stream = try await registry.stream(blob.digest, in: repository, from: offset)
                if stream.offset != offset {
                    // It cannot go on in the middle.
                    try await pool.run("write an image") { try target.restart() }
                    report(.copied(-offset))
                    offset = 0
                }
                while let piece = try await stream.body.next() {
                    guard offset + Int64(piece.count) <= blob.size else {
                        throw ApolloError(
                            .corrupt, "the blob \(blob.digest) is longer than its manifest says")
                    }
                    try await pool.run("write an image") { try target.write(piece) }
                    offset += Int64(piece.count)
                    report(.copied(Int64(piece.count)))
                }
            } catch  where turn < Self.tries && Self.isTransient(error) {
                continue
            }
        }
        try await pool.run("write an image") { try target.publish(as: blob.digest, holding: blob.size) }
    }

    private static func isTransient(_ error: any Error) -> Bool {
        if let error = error as? ApolloError { return error.kind == .unavailable }
        return !(error is CancellationError)
    }

    private func isInLayout(_ blob: ImageDescriptor) async throws -> Bool {
        try await pool.run("look at an image") { [layout] in layout.has(blob) }
    }

    // MARK: Documents

    private func read(_ descriptor: ImageDescriptor) async throws -> [UInt8] {
        try await pool.run("read an image") { [layout] in try layout.document(descriptor) }
    }

    private static func document(_ bytes: [UInt8], _ descriptor: ImageDescriptor) throws -> ImageDocument {
        do throws(ImageError) { return try ImageDocument(bytes, mediaType: descriptor.mediaType) } catch {
            throw ApolloError(.corrupt, "the manifest \(descriptor.digest) cannot be read: \(error)")
        }
    }

    /// What of a manifest is not elsewhere.
    private static func own(_ manifest: ImageManifest) -> [ImageDescriptor] {
        manifest.blobs.filter { !ImageMediaType.isForeign($0.mediaType) && $0.urls.isEmpty }
    }
}

import Archives
import Core
import Documents
import Glibc
public import ImageModel

/// Reads archives of images, packed or not, as `docker save`, `podman save` and `skopeo` write them: an OCI layout as a tar archive, or
/// Docker's own form. All of it blocks the thread.
///
/// Archives are strangers': no name of theirs becomes the name of a file, what they hold is bounded, and every blob is held against
/// its digest.
public struct ArchiveImport: Sendable {
    public struct Limits: Hashable, Sendable {
        /// Of everything in the archive, unpacked.
        public var bytes: Int64 = 64 << 30
        public var members = 10_000

        public init() {}
    }

    /// An image that was in an archive.
    public struct Found: Hashable, Sendable {
        public var descriptor: ImageDescriptor
        /// What the archive calls it; nil for nothing.
        public var name: String?
    }

    private let layout: ImageLayout
    private let limits: Limits
    private let compression: LayerCompression

    /// - Parameters:
    ///   - layout: where the images go.
    ///   - compression: how layers are packed that come as they are.
    public init(into layout: ImageLayout, limits: Limits = Limits(), compression: LayerCompression = .gzip) {
        self.layout = layout
        self.limits = limits
        self.compression = compression
    }

    /// A member that was taken out of the archive.
    private struct Member {
        var blob: LayoutBlob
        var digest: ImageDigest
        var size: Int64
    }

    private struct Contents {
        var files: [String: Member] = [:]
        /// Names that stand for others.
        var links: [String: String] = [:]

        func member(_ name: String) -> Member? {
            var name = name
            // `podman save` has one layer in several places as links.
            for _ in 0..<8 {
                if let file = files[name] { return file }
                guard let next = links[name] else { return nil }
                name = next
            }
            return nil
        }
    }

    /// Reads an archive from where the descriptor stands.
    public func run(from descriptor: Int32) throws -> [Found] {
        let contents: Contents
        do { contents = try extract(from: descriptor) } catch let error as ArchiveError {
            throw ApolloError(.invalid, error.description, hint: Self.kinds)
        }
        if contents.member("oci-layout") != nil { return try layoutImages(contents) }
        if contents.member("manifest.json") != nil { return try dockerImages(contents) }
        throw ApolloError(
            .invalid, "the archive holds no image", hint: Self.kinds)
    }

    private static let kinds =
        "it has to be written by 'docker save', 'podman save' or 'skopeo copy', or be an OCI layout"

    // MARK: The archive

    private func extract(from descriptor: Int32) throws -> Contents {
        let reader = try TreeReader.open(packed: descriptor)
        var (contents, total, count) = (Contents(), Int64(0), 0)
        while let member = try reader.next() {
            count += 1
            guard count <= limits.members else {
                throw ApolloError(.invalid, "the archive has more than \(limits.members) members")
            }
            let name = try Self.name(member.name, in: [])
            switch member.kind {
            case .file:
                let blob = try layout.begin()
                let hash = BlobHash()
                var size: Int64 = 0
                while true {
                    let bytes = try reader.read(upTo: 1 << 20)
                    if bytes.isEmpty { break }
                    size += Int64(bytes.count)
                    total += Int64(bytes.count)
                    guard total <= limits.bytes else {
                        throw ApolloError(
                            .invalid, "the archive holds more than \(ByteCount(limits.bytes))",
                            hint: "allow more with --limit, if you trust it")
                    }
                    hash.update(bytes)
                    try blob.write(bytes)
                }
                // Many members, few open files.
                try blob.seal()
                contents.files[name] = Member(blob: blob, digest: hash.finish(), size: size)
            case .link(let target):
                let folder = name.split(separator: "/").dropLast().map(String.init)
                contents.links[name] = try Self.name(target, in: folder)
            case .directory, .other: continue
            }
        }
        return contents
    }

    /// A name without what leads elsewhere.
    private static func name(_ text: String, in folder: [String]) throws -> String {
        var parts = folder
        let isAbsolute = text.hasPrefix("/")
        for part in text.split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(String(part))
                continue
            }
            // Within a link's own folder it may lead up, but never out.
            guard !folder.isEmpty, parts.popLast() != nil else { throw outside(text) }
        }
        guard !isAbsolute, text.utf8.count <= 4096 else { throw outside(text) }
        return parts.joined(separator: "/")
    }

    private static func outside(_ text: String) -> ApolloError {
        ApolloError(
            .invalid,
            "the archive has the member '\(String(text.prefix(80)).printable)', which would lead out of it")
    }

    private func document(_ contents: Contents, _ name: String) throws -> [UInt8] {
        guard let member = contents.member(name) else {
            throw ApolloError(
                .corrupt, "the archive lacks '\(String(name.prefix(80)).printable)', which it names")
        }
        return try member.blob.read(upTo: ImageLimits.document)
    }

    // MARK: OCI layouts

    private func layoutImages(_ contents: Contents) throws -> [Found] {
        let index: ImageIndex
        do throws(ImageError) {
            guard case .index(let read) = try ImageDocument(Self.bytes(contents, self)) else {
                throw .document("it is no index")
            }
            index = read
        } catch {
            throw ApolloError(.corrupt, "the archive's index.json cannot be read: \(error)")
        }
        var found: [Found] = []
        var taken: Set<ImageDigest> = []
        for descriptor in index.manifests {
            try take(descriptor, contents, &taken, depth: 0)
            let name =
                descriptor.annotations["io.containerd.image.name"]
                ?? descriptor.annotations[ImageLayout.nameAnnotation]
            found.append(Found(descriptor: descriptor, name: name))
        }
        return found
    }

    private static func bytes(_ contents: Contents, _ archive: ArchiveImport) throws(ImageError) -> [UInt8] {
        do { return try archive.document(contents, "index.json") } catch {
            throw .document("\(error)")
        }
    }

    /// Moves a manifest with what it names into the layout.
    ///
    /// - Parameter taken: those that were moved: indexes that name each other many times over would take forever otherwise.
    private func take(
        _ descriptor: ImageDescriptor, _ contents: Contents, _ taken: inout Set<ImageDigest>, depth: Int
    ) throws {
        guard taken.insert(descriptor.digest).inserted else { return }
        guard depth < 4 else { throw ApolloError(.invalid, "the archive has indexes in indexes in indexes") }
        let bytes = try blob(descriptor, contents).read(upTo: ImageLimits.document)
        let document: ImageDocument
        do throws(ImageError) { document = try ImageDocument(bytes) } catch {
            throw ApolloError(
                .corrupt, "the archive's manifest \(descriptor.digest) cannot be read: \(error)")
        }
        switch document {
        case .index(let index):
            for child in index.manifests { try take(child, contents, &taken, depth: depth + 1) }
        case .manifest(let manifest):
            for each in manifest.blobs where !ImageMediaType.isForeign(each.mediaType) && each.urls.isEmpty {
                try publish(each, contents)
            }
        }
        try layout.add(bytes, mediaType: document.mediaType)
    }

    private func blob(_ descriptor: ImageDescriptor, _ contents: Contents) throws -> LayoutBlob {
        let name = "blobs/\(descriptor.digest.algorithm.rawValue)/\(descriptor.digest.hex)"
        guard let member = contents.member(name) else {
            throw ApolloError(.corrupt, "the archive lacks the blob \(descriptor.digest)")
        }
        let isRight =
            descriptor.digest.algorithm == .sha256
            ? member.digest == descriptor.digest : try member.blob.digest(.sha512) == descriptor.digest
        guard isRight, member.size == descriptor.size else {
            throw ApolloError(.corrupt, "the archive's blob \(descriptor.digest) is not what its name says")
        }
        return member.blob
    }

    private func publish(_ descriptor: ImageDescriptor, _ contents: Contents) throws {
        if layout.has(descriptor) { return }
        try blob(descriptor, contents).publish(as: descriptor.digest)
    }

    // MARK: Docker's own form

    private func dockerImages(_ contents: Contents) throws -> [Found] {
        let list: [JSONValue]?
        do {
            list = try JSONReader(maximumSize: ImageLimits.document)
                .read(try document(contents, "manifest.json")).array
        } catch let error as JSONError {
            throw ApolloError(.corrupt, "the archive's manifest.json cannot be read: \(error)")
        }
        guard let list, !list.isEmpty, list.count <= 1000 else {
            throw ApolloError(.corrupt, "the archive's manifest.json is no list of images")
        }
        var packed: [ImageDigest: BuiltLayer] = [:]
        var found: [Found] = []
        for item in list {
            let names = (item["RepoTags"]?.array ?? []).compactMap(\.string)
            let descriptor = try dockerImage(item, contents, &packed)
            found +=
                names.isEmpty
                ? [Found(descriptor: descriptor)] : names.map { Found(descriptor: descriptor, name: $0) }
        }
        return found
    }

    private func dockerImage(
        _ item: JSONValue, _ contents: Contents, _ packed: inout [ImageDigest: BuiltLayer]
    ) throws -> ImageDescriptor {
        guard let place = item["Config"]?.string,
            let layers = item["Layers"]?.array?.map(\.string), layers.count <= ImageLimits.layers
        else {
            throw ApolloError(.corrupt, "an image of the archive's manifest.json has no Config or no Layers")
        }
        let bytes = try document(contents, Self.name(place, in: []))
        let configuration: ImageConfiguration
        do throws(ImageError) { configuration = try ImageConfiguration(bytes) } catch {
            throw ApolloError(
                .corrupt, "the archive's '\(String(place.prefix(80)).printable)' cannot be read: \(error)")
        }
        guard configuration.layers.count == layers.count else {
            throw ApolloError(
                .corrupt, "an image of the archive has other layers than its configuration names")
        }
        var descriptors: [ImageDescriptor] = []
        for (text, identifier) in zip(layers, configuration.layers) {
            guard let text, let member = contents.member(try Self.name(text, in: [])) else {
                throw ApolloError(.corrupt, "the archive lacks a layer that it names")
            }
            let layer = try packed[member.digest] ?? pack(member)
            packed[member.digest] = layer
            guard layer.identifier == identifier else {
                throw ApolloError(.corrupt, "a layer of the archive is not what the configuration names")
            }
            descriptors.append(layer.descriptor)
        }
        let named = try layout.add(bytes, mediaType: ImageMediaType.configuration)
        let manifest = ImageManifest(configuration: named, layers: descriptors)
        var descriptor = try layout.add(manifest.bytes, mediaType: ImageMediaType.manifest)
        descriptor.platform = configuration.platform
        return descriptor
    }

    private func pack(_ member: Member) throws -> BuiltLayer {
        let (tally, target) = (LayerTally(), try layout.begin())
        let packer = try StreamPacker(
            to: target.descriptor, compression.packing, plain: { tally.plain($0) },
            packed: { tally.packed($0) })
        try member.blob.forEachPiece { try packer.write($0) }
        try packer.finish()
        let layer = tally.layer(compression)
        try target.publish(as: layer.descriptor.digest)
        return layer
    }
}

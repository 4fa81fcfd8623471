import Core
import Documents
import Glibc
public import ImageModel

/// An OCI image layout (OCI image specification, "Image Layout"): a folder with blobs by their digests, and an index of what is in it.
/// All of it blocks the thread.
public struct ImageLayout: Sendable {
    /// Where an index says what a manifest is called.
    public static let nameAnnotation = "org.opencontainers.image.ref.name"
    private static let version = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

    public let path: String

    /// Opens a layout that is there.
    public init(opening path: String) throws {
        self.path = path
        guard let marker = try FileBytes.small("\(path)/oci-layout", limit: 4096) else {
            throw ApolloError(
                .invalid, "\(path) is no OCI image layout: it has no file 'oci-layout'",
                hint: "'apollo image pull' and 'apollo image build --output-layout' make one")
        }
        // What cannot be read is of no version that is known.
        let version = try? JSONReader().read(marker)["imageLayoutVersion"]?.string
        guard version == "1.0.0" else {
            throw ApolloError(.invalid, "\(path) is an image layout of another version")
        }
    }

    /// Makes a layout, or opens the one that is there.
    public init(preparing path: String) throws {
        guard try FileBytes.small("\(path)/oci-layout", limit: 4096) == nil else {
            try self.init(opening: path)
            return
        }
        try self.init(making: path)
    }

    private init(making path: String) throws {
        self.path = path
        for folder in [path, "\(path)/blobs", "\(path)/blobs/sha256", "\(path)/blobs/sha512"] {
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw FolderWalk.failure("make", folder)
            }
        }
        try publish(Self.version, at: "\(path)/oci-layout")
    }

    /// What is in it.
    public func index() throws -> ImageIndex {
        guard let bytes = try FileBytes.small("\(path)/index.json", limit: ImageLimits.document) else {
            return ImageIndex(manifests: [])
        }
        do throws(ImageError) {
            guard case .index(let index) = try ImageDocument(bytes) else {
                throw .document("it is no index")
            }
            return index
        } catch {
            throw ApolloError(.corrupt, "\(path)/index.json cannot be read: \(error)")
        }
    }

    /// The manifest or index called `name`; the only one, where none is named.
    public func named(_ name: String?) throws -> ImageDescriptor {
        let all = try index().manifests
        if let name {
            let found = all.first {
                $0.annotations[Self.nameAnnotation] == name || $0.digest.text == name
            }
            guard let found else {
                throw ApolloError(.notFound, "\(path) has no image '\(name)'", hint: Self.hint(all))
            }
            return found
        }
        guard let first = all.first else { throw ApolloError(.notFound, "\(path) has no image") }
        guard all.count == 1 else {
            throw ApolloError(
                .invalid, "\(path) has \(all.count) images: say which", hint: Self.hint(all))
        }
        return first
    }

    private static func hint(_ all: [ImageDescriptor]) -> String {
        "it has "
            + all.prefix(10).map { $0.annotations[nameAnnotation] ?? $0.digest.text }.joined(separator: ", ")
    }

    /// Names a manifest that is in it, in the place of another of that name.
    public func name(_ descriptor: ImageDescriptor, _ name: String?) throws {
        var index = try index()
        index.manifests.removeAll {
            name == nil ? $0.digest == descriptor.digest : $0.annotations[Self.nameAnnotation] == name
        }
        var named = descriptor
        if let name { named.annotations[Self.nameAnnotation] = name }
        index.manifests.append(named)
        try publish(index.bytes, at: "\(path)/index.json")
    }

    // MARK: Blobs

    public func file(_ digest: ImageDigest) -> String {
        "\(path)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)"
    }

    /// Whether it has a blob of that size.
    public func has(_ descriptor: ImageDescriptor) -> Bool {
        var status = stat()
        return stat(file(descriptor.digest), &status) == 0 && status.st_size == descriptor.size
    }

    /// A document, held against its digest.
    public func document(_ descriptor: ImageDescriptor) throws -> [UInt8] {
        guard let bytes = try FileBytes.small(file(descriptor.digest), limit: ImageLimits.document) else {
            throw ApolloError(.corrupt, "\(path) lacks the blob \(descriptor.digest)")
        }
        guard ImageDigest(of: bytes, descriptor.digest.algorithm) == descriptor.digest else {
            throw ApolloError(.corrupt, "the blob \(descriptor.digest) of \(path) is not what its name says")
        }
        return bytes
    }

    /// Adds a document.
    @discardableResult
    public func add(_ bytes: [UInt8], mediaType: String) throws -> ImageDescriptor {
        let descriptor = ImageDescriptor(of: bytes, mediaType: mediaType)
        try publish(bytes, at: file(descriptor.digest))
        return descriptor
    }

    /// Removes the whole layout, as far as it can: one that was made for a while.
    public func remove() {
        for folder in ["blobs/sha256", "blobs/sha512", "blobs", ""] {
            let place = folder.isEmpty ? path : "\(path)/\(folder)"
            for name in (try? FolderWalk.names(in: place)) ?? [] { unlink("\(place)/\(name)") }  // As said.
            rmdir(place)
        }
    }

    /// Begins a blob, whose digest is yet to be found.
    public func begin() throws -> LayoutBlob { try LayoutBlob(self) }

    /// Goes on with a blob whose digest is known, also where a process that was at it has ended. What is there of it stays when that breaks
    /// off, and is held against the digest with all else.
    public func resume(_ digest: ImageDigest) throws -> LayoutBlob {
        // Two that fetch the same at once do not write into one file.
        try LayoutBlob(self, goingOnWith: digest) ?? begin()
    }

    private func publish(_ bytes: [UInt8], at path: String) throws {
        let blob = try LayoutBlob(self)
        try FileBytes.write(bytes, to: blob.descriptor, path)
        try blob.publish(at: path)
    }
}

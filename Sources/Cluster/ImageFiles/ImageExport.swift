import Archives
public import Core
import Glibc
public import ImageModel

/// Unpacks an image of a layout: its layers one on the other, as a container sees them. All of it blocks the thread.
public struct ImageExport: Sendable {
    private let layout: ImageLayout
    private let limit: ByteCount

    /// - Parameter limit: the most bytes of files.
    public init(of layout: ImageLayout, limit: ByteCount = .gibibytes(64)) {
        self.layout = layout
        self.limit = limit
    }

    /// Unpacks into a folder that is empty, or made. Owners are kept where this process is root's, and devices with them.
    public func unpack(_ descriptor: ImageDescriptor, into folder: String) throws {
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw FolderWalk.failure("make", folder) }
        guard try FolderWalk.names(in: folder).isEmpty else {
            throw ApolloError(.exists, "\(folder) is not empty", hint: "name another folder")
        }
        // Without links: what a layer makes must not go through one.
        guard let real = realpath(folder, nil) else { throw FolderWalk.failure("open", folder) }
        let root = String(cString: real)
        free(real)
        let manifest = try manifest(descriptor)
        var extraction = LayerExtraction(into: root, keepsOwners: geteuid() == 0, limit: limit.bytes)
        for layer in manifest.layers {
            guard ImageMediaType.compression(ofLayer: layer.mediaType) != nil else {
                throw ApolloError(
                    .invalid, "\(layer.mediaType) is no layer of a file system",
                    hint: "'apollo image pull' gets what is no container image")
            }
            let file = open(layout.file(layer.digest), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { throw FolderWalk.failure("open the layer", layer.digest.text) }
            defer { close(file) }
            do {
                try extraction.forEachWhiteout(in: file) { try remove($1, from: $0, in: root) }
                guard lseek(file, 0, SEEK_SET) == 0 else {
                    throw FolderWalk.failure("read", layer.digest.text)
                }
                try extraction.unpack(from: file)
            } catch let error as ArchiveError {
                throw ApolloError(.invalid, "the layer \(layer.digest) cannot be unpacked: \(error)")
            }
        }
    }

    /// When an image was made; nil where it does not say.
    public func created(_ descriptor: ImageDescriptor) throws -> Timestamp? {
        let named = try manifest(descriptor).configuration
        do throws(ImageError) {
            return try ImageConfiguration(bytes(named)).created.flatMap(Timestamp.init(parsing:))
        } catch {
            throw ApolloError(.invalid, "the configuration of the image cannot be read: \(error)")
        }
    }

    private func manifest(_ descriptor: ImageDescriptor) throws -> ImageManifest {
        do throws(ImageError) {
            guard case .manifest(let manifest) = try ImageDocument(bytes(descriptor)) else {
                throw .document("it is an index")
            }
            return manifest
        } catch {
            throw ApolloError(.invalid, "the image cannot be unpacked: \(error)")
        }
    }

    private func bytes(_ descriptor: ImageDescriptor) throws(ImageError) -> [UInt8] {
        do { return try layout.document(descriptor) } catch { throw .document("\(error)") }
    }

    // MARK: Whiteouts

    private func remove(
        _ whiteout: LayerPath.Whiteout, from parts: ArraySlice<Substring>, in root: String
    ) throws {
        if whiteout == .nothing { return }
        var folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard folder >= 0 else { throw FolderWalk.failure("open", root) }
        defer { close(folder) }
        for part in parts {
            // Never through a link: what is behind one is not the image's.
            let next = openat(folder, String(part), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard next >= 0 else { return }
            close(folder)
            folder = next
        }
        if case .hides(let name) = whiteout {
            try Self.remove(name, in: folder)
        } else {
            try Self.empty(folder)
        }
    }

    /// Removes what has this name in an open folder; nothing, where it is not there.
    private static func remove(_ name: String, in folder: Int32) throws {
        if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
        let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard inner >= 0 else { throw FolderWalk.failure("remove", name) }
        defer { close(inner) }
        try empty(inner)
        guard unlinkat(folder, name, AT_REMOVEDIR) == 0 else { throw FolderWalk.failure("remove", name) }
    }

    /// Removes a folder with all that is in it, as far as it can.
    static func removeAll(_ path: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard folder >= 0 else { return }
        try? empty(folder)  // As said.
        close(folder)
        rmdir(path)
    }

    private static func empty(_ folder: Int32) throws {
        let copy = dup(folder)
        guard copy >= 0, let directory = fdopendir(copy) else { throw FolderWalk.failure("read", "a folder") }
        defer { closedir(directory) }
        rewinddir(directory)
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        for name in names { try remove(name, in: folder) }
    }
}

/// A folder beside a layout, for a while.
public final class ScratchFolder: Sendable {
    public let path: String

    public init(beside layout: ImageLayout) throws {
        var template = Array("\(layout.path)-root-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        guard made else { throw FolderWalk.failure("make a folder beside", layout.path) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    // What cannot be removed stays, in the place for temporary files.
    deinit { ImageExport.removeAll(path) }
}

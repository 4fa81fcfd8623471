import Core
import Files
import Glibc
import ImageFiles
import ImageModel

/// Feeds bytes to what unpacks strangers' archives: layers of images, put one on the other, and archives of whole images. Of the first
/// byte depends which, and whether the bytes are the archive or say what is in it: those of an archive rarely have its checksums.
///
/// Whatever they hold, nothing may be made or changed but in the folder that was named.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzImageArchives(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = bytes.first else { return 0 }
    let rest = bytes.dropFirst()
    let archives = kind & 2 == 0 ? [TarText.archive(rest)] : [Array(rest)]
    do {
        let place = try Place()
        if kind & 1 == 0 {
            // Two layers: the second meets what the first has made.
            let half = kind & 2 == 0 ? rest.firstIndex(of: TarText.nextLayer) : nil
            let layers = half.map { [TarText.archive(rest[..<$0]), TarText.archive(rest[($0 + 1)...])] }
            try place.unpack(layers ?? archives)
        } else {
            try place.read(archives[0])
        }
        try place.check()
    } catch {
        preconditionFailure("the place for it cannot be made: \(error)")
    }
    return 0
}

/// A folder for one input: `root`, where an image is unpacked, a layout, and what nobody may touch.
private struct Place {
    private static let secret = Array("mine".utf8)
    /// In memory where there is such a place: what is measured is not the disk.
    private static let parent = {
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        do {
            let layout = try ImageLayout(preparing: "\(place)/apollo-fuzz-\(getpid())")
            // Folders are made beside it: it need not be there.
            layout.remove()
            return layout
        } catch { preconditionFailure("\(error)") }
    }()
    private let folder: ScratchFolder
    private let layout: ImageLayout

    init() throws {
        folder = try ScratchFolder(beside: Self.parent)
        layout = try ImageLayout(preparing: folder.path + "/layout")
        guard mkdir(folder.path + "/outside", 0o755) == 0 else { throw ApolloError(.internal, "no folder") }
        let file = open(folder.path + "/outside/file", O_WRONLY | O_CREAT, 0o600)
        guard write(file, Self.secret, Self.secret.count) == Self.secret.count, close(file) == 0 else {
            throw ApolloError(.internal, "no file")
        }
    }

    func unpack(_ layers: [[UInt8]]) throws {
        var descriptors: [ImageDescriptor] = []
        for layer in layers {
            descriptors.append(try layout.add(layer, mediaType: ImageMediaType.layer))
        }
        let configuration = try layout.add(Array("{}".utf8), mediaType: ImageMediaType.configuration)
        let manifest = ImageManifest(configuration: configuration, layers: descriptors)
        let descriptor = try layout.add(manifest.bytes, mediaType: ImageMediaType.manifest)
        do {
            try ImageExport(of: layout, limit: .mebibytes(1)).unpack(descriptor, into: folder.path + "/root")
        } catch let error as ApolloError {
            precondition(error.kind != .internal, "\(error)")
        }
    }

    func read(_ archive: [UInt8]) throws {
        let file = open(folder.path + "/archive", O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        unlink(folder.path + "/archive")
        guard write(file, archive, archive.count) == archive.count, lseek(file, 0, SEEK_SET) == 0 else {
            throw ApolloError(.internal, "no archive")
        }
        var limits = ArchiveImport.Limits()
        limits.bytes = 1 << 20
        limits.members = 100
        // That it is refused is what nearly always comes of it, with errors of several kinds.
        _ = try? ArchiveImport(into: layout, limits: limits, compression: .none).run(from: file)
    }

    func check() throws {
        let file = open(folder.path + "/outside/file", O_RDONLY | O_NOFOLLOW)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = Glibc.read(file, &bytes, bytes.count)
        precondition(
            count == Self.secret.count && bytes.starts(with: Self.secret), "a file outside was changed")
        var status = stat()
        precondition(fstat(file, &status) == 0 && status.st_nlink == 1 && status.st_mode & 0o7777 == 0o600)
        precondition(names(in: "outside") == ["file"], "something was made outside")
        precondition(
            Set(names(in: "")).isSubset(of: ["layout", "outside", "root"]), "something was made outside")
        precondition(
            Set(names(in: "layout")).isSubset(of: ["blobs", "index.json", "oci-layout"]),
            "\(names(in: "layout"))")
    }

    private func names(in path: String) -> [String] {
        do throws(DirectoryNames.Failure) {
            return try DirectoryNames.list("\(folder.path)/\(path)")
        } catch { preconditionFailure("\(path) is gone") }
    }
}

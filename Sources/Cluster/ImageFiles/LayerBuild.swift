import Archives
import Core
import Glibc
public import ImageModel
import Synchronization

/// A layer that was written, as a manifest and a configuration name it.
public struct BuiltLayer: Hashable, Sendable {
    public var descriptor: ImageDescriptor
    /// Of the tar archive before it was packed.
    public var identifier: ImageDigest
}

extension LayerCompression {
    var packing: LayerPacking {
        switch self {
        case .none: .none
        case .gzip: .gzip
        case .zstd: .zstd
        }
    }
}

/// Makes layers of folders.
public enum LayerBuild {
    /// How a folder becomes a layer.
    public struct Options: Hashable, Sendable {
        public var compression: LayerCompression
        /// Seconds since 1970, of all that is in it; nil for the files' own times.
        public var modified: Int64?
        public var keepsOwners: Bool

        public init(compression: LayerCompression = .gzip, modified: Int64? = 0, keepsOwners: Bool = false) {
            self.compression = compression
            self.modified = modified
            self.keepsOwners = keepsOwners
        }
    }

    private static let pieceBytes = 1 << 20

    /// Writes `folder` as a layer to a file; blocks the thread. The same files give the same layer: their names, bytes and permissions
    /// count, and their times and owners where the options say so. Extended attributes are left out, and sockets.
    ///
    /// - Parameter progress: told how many bytes of files were read.
    public static func write(
        _ folder: String, to descriptor: Int32, _ options: Options, progress: (Int64) -> Void = { _ in }
    ) throws -> BuiltLayer {
        let result = LayerTally()
        let writer = try LayerWriter(
            to: descriptor, options.compression.packing, plain: { result.plain($0) },
            packed: { result.packed($0) })
        var walk = FolderWalk(
            folder, .init(modified: options.modified, keepsOwners: options.keepsOwners))
        try walk.run { member, file in
            try writer.begin(member)
            if let file, case .file(let size) = member.kind {
                try copy(file, size, to: writer, progress)
            }
        }
        try writer.finish()
        return result.layer(options.compression)
    }

    /// A file that changes its size meanwhile is told.
    private static func copy(
        _ path: String, _ size: Int64, to writer: LayerWriter, _ progress: (Int64) -> Void
    ) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw FolderWalk.failure("open", path) }
        defer { close(file) }
        var left = size
        while left > 0 {
            let bytes = try FileBytes.read(file, upTo: Int(min(left, Int64(pieceBytes))), path)
            guard !bytes.isEmpty else {
                throw ApolloError(.conflict, "\(path) became shorter while it was read", hint: "try again")
            }
            try writer.write(bytes[...])
            left -= Int64(bytes.count)
            progress(Int64(bytes.count))
        }
    }
}

/// Counts and hashes what becomes of a layer.
final class LayerTally {
    private let plainHash = BlobHash()
    private let packedHash = BlobHash()
    private var size: Int64 = 0

    func plain(_ bytes: UnsafeRawBufferPointer) { plainHash.update(bytes) }

    func packed(_ bytes: UnsafeRawBufferPointer) {
        packedHash.update(bytes)
        size += Int64(bytes.count)
    }

    func layer(_ compression: LayerCompression) -> BuiltLayer {
        BuiltLayer(
            descriptor: ImageDescriptor(
                mediaType: compression.mediaType, digest: packedHash.finish(), size: size),
            identifier: plainHash.finish())
    }
}

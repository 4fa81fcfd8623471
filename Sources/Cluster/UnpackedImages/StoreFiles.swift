import Core
import Files
import Glibc
import ImageModel
import TaskRuntimes

/// The directories of a store, and small files in them.
///
///     layers/sha256-HEX/      a layer, unpacked, by the digest of its unpacked archive
///     sizes/sha256-HEX        what that layer holds: bytes and files
///     documents/sha256-HEX    a manifest or a configuration, by its digest
///     references/HEX          what a reference stood for last, and in its time of change when it was used last
///     downloads/sha256-HEX    what has come of a layer so far
struct StoreFiles: Sendable {
    var directory: String

    var layers: String { directory + "/layers" }
    var sizes: String { directory + "/sizes" }
    var documents: String { directory + "/documents" }
    var references: String { directory + "/references" }
    var downloads: String { directory + "/downloads" }

    static func name(_ digest: ImageDigest) -> String { "\(digest.algorithm.rawValue)-\(digest.hex)" }

    func layer(_ digest: ImageDigest) -> String { "\(layers)/\(Self.name(digest))" }
    func size(_ digest: ImageDigest) -> String { "\(sizes)/\(Self.name(digest))" }
    func document(_ digest: ImageDigest) -> String { "\(documents)/\(Self.name(digest))" }
    func download(_ digest: ImageDigest) -> String { "\(downloads)/\(Self.name(digest))" }

    /// By a hash: a reference may have slashes.
    func reference(_ reference: ImageReference) -> String {
        "\(references)/\(ImageDigest(of: reference.description.utf8).hex)"
    }

    /// Makes the directories.
    func prepare() throws(LayerError) {
        for path in [directory, layers, sizes, documents, references, downloads] {
            // Layers are seen by the users of containers only through their mounts.
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system("cannot make \(path)") }
        }
    }

    /// What is in a small file; nil where there is none.
    static func read(_ path: String, limit: Int = ImageLimits.document) throws(LayerError) -> [UInt8]? {
        guard let file = OpenFile(open(path, O_RDONLY | O_CLOEXEC)) else {
            if errno == ENOENT { return nil }
            throw .system("cannot read \(path)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(file.number, &buffer, buffer.count), count != 0 {
            guard count > 0 else { throw .system("cannot read \(path)") }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw .failed("\(path) is longer than \(limit) bytes") }
        }
        return bytes
    }

    /// Writes a file that is there whole or not at all, whatever happens.
    static func write(_ bytes: [UInt8], to path: String) throws(LayerError) {
        var template = Array("\(path).XXXXXX".utf8CString)
        guard let file = OpenFile(mkstemp(&template)) else { throw .system("cannot write \(path)") }
        _ = fcntl(file.number, F_SETFD, FD_CLOEXEC)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file.number, $0.baseAddress! + written, bytes.count - written)
            }
            guard count > 0 else {
                let error = LayerError.system("cannot write \(path)")
                unlink(template)
                throw error
            }
            written += count
        }
        guard fsync(file.number) == 0, rename(template, path) == 0 else {
            let error = LayerError.system("cannot write \(path)")
            unlink(template)
            throw error
        }
        try sync(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    }

    /// Has what is in a directory, by name, on the disk.
    static func sync(_ directory: String) throws(LayerError) {
        guard let file = OpenFile(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
            fsync(file.number) == 0
        else { throw .system("cannot write \(directory)") }
    }

    /// None where it cannot be read.
    static func names(in directory: String) -> [String] { DirectoryNames.found(in: directory) }
}

/// What layers hold.
extension StoreFiles {
    /// Of a layer that is there. Blocks: it is counted where nobody has written it down.
    func size(of layer: ImageDigest) throws(LayerError) -> UnpackedSize {
        // What cannot be read is counted again.
        if let bytes = try Self.read(size(layer), limit: 1024), let known = UnpackedSize(bytes) {
            return known
        }
        guard let measured = DirectoryTree.measure(self.layer(layer)) else {
            throw .system("cannot look at \(self.layer(layer))")
        }
        let size = UnpackedSize(bytes: measured.bytes, members: measured.entries)
        // A store of before has no place for it.
        mkdir(sizes, 0o700)
        try Self.write(size.bytesOfRecord, to: self.size(layer))
        return size
    }
}

extension UnpackedSize {
    /// `BYTES MEMBERS`
    init?(_ record: [UInt8]) {
        let words = String(decoding: record, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let bytes = Int64(words[0]), let members = Int(words[1]) else { return nil }
        self.init(bytes: bytes, members: members)
    }

    var bytesOfRecord: [UInt8] { Array("\(bytes) \(members)\n".utf8) }
}

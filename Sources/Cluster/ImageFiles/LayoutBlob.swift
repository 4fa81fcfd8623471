import Core
import Glibc
public import ImageModel
import Synchronization

/// A file of a layout that is being written. One that is not published is removed with this object.
public final class LayoutBlob: Sendable {
    private let layout: ImageLayout
    private let draft: String
    /// To write to, until ``seal()``.
    public let descriptor: Int32
    private let isSealed = Mutex(false)

    init(_ layout: ImageLayout) throws {
        self.layout = layout
        var template = Array("\(layout.path)/blobs/.draft-XXXXXX".utf8CString)
        let (file, path) = template.withUnsafeMutableBufferPointer { buffer in
            (mkstemp(buffer.baseAddress!), String(cString: buffer.baseAddress!))
        }
        guard file >= 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else {
            throw FolderWalk.failure("make a file in", layout.path)
        }
        descriptor = file
        draft = path
    }

    deinit {
        if !isSealed.withLock({ $0 }) { close(descriptor) }
        unlink(draft)
    }

    public func write(_ bytes: [UInt8]) throws { try FileBytes.write(bytes, to: descriptor, draft) }

    /// Returns once it is on the disk: from then on it is only read.
    public func seal() throws {
        try isSealed.withLock { isSealed throws in
            guard !isSealed else { return }
            guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
                throw FolderWalk.failure("write", draft)
            }
            close(descriptor)
            isSealed = true
        }
    }

    /// All of it, where it is small.
    func read(upTo limit: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        try forEachPiece { piece in
            guard all.count + piece.count <= limit else {
                throw ApolloError(.invalid, "a document has more than \(limit) bytes")
            }
            all += piece
        }
        return all
    }

    func digest(_ algorithm: ImageDigest.Algorithm) throws -> ImageDigest {
        let hash = BlobHash(algorithm)
        try forEachPiece { hash.update($0) }
        return hash.finish()
    }

    /// Reads what was written from its beginning.
    func forEachPiece(_ take: ([UInt8]) throws -> Void) throws {
        let file = open(draft, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw FolderWalk.failure("open", draft) }
        defer { close(file) }
        while true {
            let piece = try FileBytes.read(file, upTo: 1 << 20, draft)
            if piece.isEmpty { return }
            try take(piece)
        }
    }

    /// Gives it its name, where it has that digest and so many bytes.
    public func publish(as digest: ImageDigest, holding size: Int64) throws {
        let hash = BlobHash(digest.algorithm)
        var count: Int64 = 0
        try forEachPiece { piece in
            hash.update(piece)
            count += Int64(piece.count)
        }
        guard count == size, hash.finish() == digest else {
            throw ApolloError(.corrupt, "the blob \(digest) did not come as it is called", hint: "try again")
        }
        try publish(as: digest)
    }

    /// Gives it its name.
    public func publish(as digest: ImageDigest) throws { try publish(at: layout.file(digest)) }

    func publish(at path: String) throws {
        try seal()
        guard rename(draft, path) == 0 else { throw FolderWalk.failure("write", path) }
    }
}

import Core
import Glibc
public import ImageModel
import Synchronization

/// A file of a layout that is being written. One that is not published is removed with this object, unless it is to be gone on with.
public final class LayoutBlob: Sendable {
    private let layout: ImageLayout
    private let draft: String
    /// To write to, until ``seal()``.
    public let descriptor: Int32
    /// How much of it was there when it was opened.
    public let offset: Int64
    /// Whether it stays to be gone on with.
    private let stays: Bool
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
        (offset, stays) = (0, false)
    }

    /// Goes on with what is there of a blob; nil where another is at it now.
    init?(_ layout: ImageLayout, goingOnWith digest: ImageDigest) throws {
        self.layout = layout
        draft = "\(layout.path)/blobs/.part-\(digest.algorithm.rawValue)-\(digest.hex)"
        stays = true
        let file = open(draft, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw FolderWalk.failure("write", draft) }
        var (held, named) = (stat(), stat())
        // Whoever was at it may have published it meanwhile: then it has another name.
        guard flock(file, LOCK_EX | LOCK_NB) == 0, fstat(file, &held) == 0, lstat(draft, &named) == 0,
            held.st_ino == named.st_ino
        else {
            close(file)
            return nil
        }
        descriptor = file
        offset = Int64(held.st_size)
    }

    deinit {
        if !isSealed.withLock({ $0 }) { close(descriptor) }
        if !stays { unlink(draft) }
    }

    /// Forgets what was written.
    public func restart() throws {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw FolderWalk.failure("write", draft)
        }
    }

    public func write(_ bytes: [UInt8]) throws { try FileBytes.write(bytes, to: descriptor, draft) }

    /// Returns once it is on the disk: from then on it is only read.
    public func seal() throws {
        try isSealed.withLock { isSealed throws in
            guard !isSealed else { return }
            try sync()
            close(descriptor)
            isSealed = true
        }
    }

    private func sync() throws {
        guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
            throw FolderWalk.failure("write", draft)
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

    /// Gives it its name, where it has that digest and so many bytes; else it is of no use, and goes.
    public func publish(as digest: ImageDigest, holding size: Int64) throws {
        let hash = BlobHash(digest.algorithm)
        var count: Int64 = 0
        try forEachPiece { piece in
            hash.update(piece)
            count += Int64(piece.count)
        }
        guard count == size, hash.finish() == digest else {
            unlink(draft)
            throw ApolloError(.corrupt, "the blob \(digest) did not come as it is called", hint: "try again")
        }
        try publish(as: digest)
    }

    /// Gives it its name.
    public func publish(as digest: ImageDigest) throws { try publish(at: layout.file(digest)) }

    func publish(at path: String) throws {
        if stays {
            // Open still, and so locked, until it has its name.
            try sync()
        } else {
            try seal()
        }
        guard rename(draft, path) == 0 else { throw FolderWalk.failure("write", path) }
    }
}

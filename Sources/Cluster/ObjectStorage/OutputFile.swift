import Glibc

/// A file that grows: by the system's cache, or past it to the disk (open(2), O_DIRECT), as its file system allows.
struct OutputFile {
    let descriptor: Int32
    private let path: String
    private var isDirect = false
    private var allowsDirect = true

    private struct Failure: Error {
        /// Bytes that were written before.
        let written: Int
        let code: Int32
    }

    /// Makes the file: never an old one, and never through a link.
    init(making path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw BlobFile.failure("make", path) }
        self.path = path
    }

    /// Blocks until the cache has all of `bytes`.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        if isDirect {
            guard fcntl(descriptor, F_SETFL, 0) == 0 else { throw BlobFile.failure("write", path) }
            isDirect = false
        }
        do throws(Failure) {
            try write(bytes)
        } catch {
            throw BlobFile.failure("write", path, code: error.code)
        }
    }

    /// Blocks until the disk has `bytes`, which lie in a buffer of ``DirectBuffers``, but for what does not fill a page; what came before has
    /// to fill pages. The cache has the rest, or all of it where the file system has no other way.
    mutating func appendPastCache(_ bytes: UnsafeRawBufferPointer) throws {
        if !isDirect, allowsDirect {
            // O_DIRECT by the name that needs no feature test macro.
            isDirect = fcntl(descriptor, F_SETFL, __O_DIRECT) == 0
            allowsDirect = isDirect
        }
        guard isDirect else { return try append(bytes) }
        let whole = bytes.count / DirectBuffers.alignment * DirectBuffers.alignment
        var written = whole
        do throws(Failure) {
            try write(UnsafeRawBufferPointer(rebasing: bytes[..<whole]))
        } catch {
            // Its blocks are larger, or it says only now that it cannot.
            guard error.code == EINVAL else { throw BlobFile.failure("write", path, code: error.code) }
            allowsDirect = false
            written = error.written
        }
        if written < bytes.count { try append(UnsafeRawBufferPointer(rebasing: bytes[written...])) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw Failure(written: written, code: errno)
            }
        }
    }
}

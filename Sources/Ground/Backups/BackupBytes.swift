import Core
import Cryptography
import Glibc

/// Plain files, read and written with errors that name them.
enum BackupBytes {
    static func open(_ path: String) throws(ApolloError) -> Int32 {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw failure("read", path) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw ApolloError(.invalid, "\(path) is not a file")
        }
        return file
    }

    /// The next bytes, or nil at the end.
    static func next(of file: Int32, _ path: String, upTo limit: Int = 1 << 18) throws(ApolloError)
        -> ArraySlice<UInt8>?
    {
        var bytes = [UInt8](repeating: 0, count: limit)
        while true {
            let count = read(file, &bytes, bytes.count)
            if count > 0 { return bytes[..<count] }
            if count == 0 { return nil }
            guard errno == EINTR else { throw failure("read", path) }
        }
    }

    static func write(_ bytes: ArraySlice<UInt8>, to file: Int32, _ path: String) throws(ApolloError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw failure("write", path)
            }
        }
    }

    /// How long the rest of it is, up to `limit`, and its hash.
    static func digest(
        of file: Int32, _ path: String, limit: Int64 = .max
    ) throws(ApolloError) -> (size: Int64, digest: SHA256Digest) {
        var hash = SHA256()
        var size: Int64 = 0
        while size < limit,
            let piece = try next(of: file, path, upTo: Int(min(limit - size, 1 << 18)))
        {
            hash.update(Array(piece))
            size += Int64(piece.count)
        }
        return (size, hash.finalize())
    }

    static func failure(_ verb: String, _ path: String, _ code: Int32 = errno) -> ApolloError {
        let message = "cannot \(verb) \(path): \(String(cString: strerror(code)))"
        switch code {
        case ENOENT, ENOTDIR: return ApolloError(.notFound, message, hint: "is the name right?")
        case EACCES, EPERM: return ApolloError(.denied, message, hint: "run as the user who owns it")
        case EEXIST: return ApolloError(.exists, message, hint: "choose another name, or move that file away")
        case ENOSPC, EDQUOT, EFBIG: return ApolloError(.exhausted, message, hint: "make room on its disk")
        default: return ApolloError(.unavailable, message)
        }
    }
}

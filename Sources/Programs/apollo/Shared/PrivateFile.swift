import Core
import Glibc

/// Small files of the data directory that only its owner may read.
enum PrivateFile {
    /// The text of the file, or nil where there is none.
    static func read(_ path: String, upTo limit: Int = 4096) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw failure("read", path) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Writes the file as a whole or not at all, readable by its owner alone.
    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("write", temporary) }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let error = failure("write", path, isWritten ? errno : code)
            unlink(temporary)
            throw error
        }
    }

    /// Removes the file; what is gone already is fine.
    static func remove(_ path: String) { unlink(path) }

    static func failure(_ verb: String, _ path: String, _ code: Int32 = errno) -> ApolloError {
        let reason = String(cString: strerror(code))
        let message = "cannot \(verb) \(path): \(reason)"
        switch code {
        case ENOSPC, EDQUOT: return ApolloError(.exhausted, message, hint: "make room on its disk")
        case EROFS:
            return ApolloError(
                .unavailable, message,
                hint: "its file system is read-only; choose another directory with --data")
        case EACCES, EPERM:
            return ApolloError(
                .denied, message, hint: "run as the user who owns it, or choose another directory with --data"
            )
        default: return ApolloError(.unavailable, message, hint: "choose another directory with --data")
        }
    }
}

extension PrivateFile {
    /// Of a file that the user named.
    static func failure(reading path: String) -> ApolloError {
        let code = errno
        let message = "cannot read \(path): \(String(cString: strerror(code)))"
        switch code {
        case ENOENT, ENOTDIR: return ApolloError(.notFound, message, hint: "is the name right?")
        case EACCES, EPERM: return ApolloError(.denied, message, hint: "run as the user who owns it")
        default: return ApolloError(.unavailable, message)
        }
    }
}

import Databases
import Glibc

/// What is checked and made before SQLite touches a file.
enum FileSystem {
    /// Throws unless `directory` exists and only trusted users can swap the files in it.
    static func check(directory: String) throws(DatabaseError) {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw error(errno, "cannot use the data directory '\(directory)'")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw DatabaseError(
                .unavailable, "'\(directory)' is not a directory", hint: "choose another data directory")
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 || status.st_mode & S_ISVTX != 0 else {
            throw DatabaseError(
                .unavailable, "other users may replace files in the data directory '\(directory)'",
                hint: "run: chmod go-w '\(directory)'")
        }
    }

    /// Makes the file at `path` unless it is there, and lets only its owner read it. SQLite gives the files it makes
    /// beside it the same mode.
    static func makePrivate(_ path: String) throws(DatabaseError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw error(errno, "cannot open the database '\(path)' for writing") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw error(errno, "cannot look at '\(path)'") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DatabaseError(
                .unavailable, "the database '\(path)' is not a file", hint: "choose another data directory")
        }
        guard status.st_mode & 0o077 == 0 || fchmod(file, 0o600) == 0 else {
            throw error(errno, "cannot make '\(path)' private")
        }
    }

    /// Makes an empty private file at `path`, which must not exist.
    static func makeNew(_ path: String) throws(DatabaseError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw error(errno, "cannot make the file '\(path)'") }
        close(file)
    }

    /// Waits until the file or directory at `path` is on the disk.
    static func sync(_ path: String) throws(DatabaseError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw error(errno, "cannot open '\(path)'") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw error(errno, "cannot write '\(path)' to the disk") }
    }

    /// The directory that holds `path`.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func firstLine(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(file, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].prefix { $0 != 10 }, as: UTF8.self)
    }

    /// The error that a system call's `errno` means.
    static func error(_ code: Int32, _ activity: String) -> DatabaseError {
        let message = "\(activity): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            return DatabaseError(.full, message, hint: "free space on its disk or raise its limit")
        case EROFS:
            return DatabaseError(
                .readOnly, message, hint: "its disk is mounted read-only: choose another data directory")
        case EACCES, EPERM:
            return DatabaseError(
                .readOnly, message, hint: "run as the user who owns it, or choose another data directory")
        case ENOENT:
            return DatabaseError(
                .unavailable, message, hint: "make it first, or choose another data directory")
        case EEXIST:
            return DatabaseError(.unavailable, message, hint: "choose another name, or move that file away")
        default:
            return DatabaseError(.unavailable, message)
        }
    }
}

public import Core
import Cryptography
import Glibc

/// The administrator's token of a platform on one machine: a file in the data directory that only its user can read.
/// The platform makes it at its first start, the command line reads it.
public enum AdminTokenFile {
    public static let name = "admin.token"

    /// Where it is in the data directory `directory`.
    public static func path(in directory: String) -> String { directory + "/" + name }

    /// Reads the token in `directory`, or makes one if there is none. Of several that make one at once, one succeeds
    /// and the others read it.
    ///
    /// - Throws: ``ApolloError`` that names the file and says what to do. A file that is there is never replaced.
    public static func loadOrCreate(in directory: String) throws(ApolloError) -> BearerToken {
        let path = path(in: directory)
        do {
            return try load(path, isOwn: true)
        } catch  where error.kind == .notFound {
            try create(path, in: directory)
            return try load(path, isOwn: true)
        }
    }

    /// Reads the token in `directory`.
    ///
    /// - Throws: ``ApolloError``: `notFound` if there is none, `denied` if this user may not read it or others may,
    ///   `corrupt` if it holds no token.
    public static func load(in directory: String) throws(ApolloError) -> BearerToken {
        try load(path(in: directory), isOwn: false)
    }

    private static func load(_ path: String, isOwn: Bool) throws(ApolloError) -> BearerToken {
        // NOFOLLOW: a link would let another user choose the file. NONBLOCK: a pipe in its place must not hang us.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw failure(errno, "cannot read the admin token '\(path)'") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(errno, "cannot look at '\(path)'") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ApolloError(.corrupt, "the admin token '\(path)' is not a file", hint: remake)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ApolloError(
                .denied, "the admin token '\(path)' can be read by other users",
                hint: "they may know it: remove the file and start the platform again for a new one")
        }
        // Whoever owns the file knows the token: the platform trusts only its own, and root may read anyone's.
        guard status.st_uid == geteuid() || (!isOwn && geteuid() == 0) else {
            throw ApolloError(
                .denied, "the admin token '\(path)' belongs to another user", hint: "run as that user")
        }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw failure(errno, "cannot read the admin token '\(path)'") }
        let line = bytes[..<count]
        guard line.last == UInt8(ascii: "\n"),
            let token = BearerToken(parsing: String(decoding: line.dropLast(), as: UTF8.self))
        else {
            throw ApolloError(.corrupt, "the admin token '\(path)' is damaged", hint: remake)
        }
        return token
    }

    /// Makes the file with a new token, as a whole or not at all, unless there is one by then.
    private static func create(_ path: String, in directory: String) throws(ApolloError) {
        let token: BearerToken
        let suffix: String
        do {
            token = try BearerToken.generate()
            suffix = Hex.encode(try SecureRandom.bytes(8))
        } catch {
            throw error.asApolloError
        }
        let draft = "\(path).\(suffix)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(errno, "cannot make a file in '\(directory)'") }
        defer {
            close(file)
            unlink(draft)
        }
        let bytes = Array((token.text + "\n").utf8)
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw failure(errno, "cannot write the admin token '\(path)'")
        }
        // Unlike a rename, a link never takes the place of another file.
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw failure(errno, "cannot make the admin token '\(path)'")
        }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(errno, "cannot open '\(directory)'") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(errno, "cannot write '\(directory)' to the disk") }
    }

    private static let remake = "remove it and start the platform again for a new one"

    private static func failure(_ code: Int32, _ activity: String) -> ApolloError {
        let message = "\(activity): \(String(cString: strerror(code)))"
        switch code {
        case ENOENT, ENOTDIR:
            return ApolloError(
                .notFound, message, hint: "start the platform with 'apollo up', or name its data directory")
        case EACCES, EPERM:
            return ApolloError(.denied, message, hint: "run as the user who started the platform")
        case ELOOP: return ApolloError(.corrupt, "\(activity): it is a symbolic link", hint: remake)
        case ENOSPC, EDQUOT: return ApolloError(.exhausted, message, hint: "free space on that disk")
        case EROFS: return ApolloError(.unavailable, message, hint: "choose another data directory")
        default: return ApolloError(.unavailable, message)
        }
    }
}

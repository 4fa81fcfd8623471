import Core
import Glibc

/// The file of the master keys: for its owner's eyes alone.
struct KeyFile {
    let path: String

    /// The text of the file; nil where there is none.
    func read(isOwn: Bool) throws(ApolloError) -> String? {
        // NONBLOCK: a pipe in its place must not hang us. A link is fine where somebody else brings the file.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (isOwn ? O_NOFOLLOW : 0))
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ApolloError(.unavailable, "the key file '\(path)' is not a file")
        }
        guard status.st_mode & 0o077 == 0 || isCredential(status) else {
            throw ApolloError(
                .denied, "the key file '\(path)' can be read by other users",
                hint: "run 'chmod 600' on it; if others may have read it, put a new key in front of it")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw ApolloError(.denied, "the key file '\(path)' belongs to another user")
        }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("read", errno) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// systemd's credentials are root's, and readable by the service through an access list, which shows as its group's.
    private func isCredential(_ status: stat) -> Bool {
        status.st_uid == 0 && status.st_mode & 0o037 == 0
    }

    /// Makes the file with `key` in it, as a whole or not at all, unless there is one by then.
    func create(_ key: MasterKey) throws(ApolloError) {
        let draft = "\(path).\(key.id)"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", errno) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        let bytes = Array((key.text + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure("write", errno)
        }
        // Unlike a rename, a link never takes the place of another file.
        guard link(draft, path) == 0 || errno == EEXIST else { throw failure("make", errno) }
        // What it seals is worth nothing without it: it has to be on the disk before anything that it seals.
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let folder = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("make", errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("write", errno) }
    }

    private func failure(_ verb: String, _ code: Int32) -> ApolloError {
        let message = "cannot \(verb) the key file '\(path)': \(String(cString: strerror(code)))"
        switch code {
        case EACCES, EPERM: return ApolloError(.denied, message, hint: "run as the user who owns it")
        case ELOOP:
            return ApolloError(
                .denied, message, hint: "it is a link; name a file elsewhere with secrets.key.file")
        case ENOSPC, EDQUOT: return ApolloError(.exhausted, message, hint: "make room on its disk")
        default: return ApolloError(.unavailable, message)
        }
    }
}

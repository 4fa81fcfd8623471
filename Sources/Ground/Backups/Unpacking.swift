import Core
import Glibc

/// Files that come out of a backup: for their owner alone, and on the disk before it ends.
final class Unpacking {
    private let directory: String
    private let owner: uid_t?
    private let group: gid_t?
    private var file: Int32 = -1
    private var path = ""

    init(directory: String, owner: uid_t?, group: gid_t?) {
        self.directory = directory
        self.owner = owner
        self.group = group
    }

    deinit { if file >= 0 { close(file) } }

    func begin(_ name: String) throws(ApolloError) {
        try end()
        var folder = directory
        for part in name.split(separator: "/").dropLast() {
            folder += "/" + part
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw BackupBytes.failure("make", folder)
            }
            try give(folder)
        }
        path = directory + "/" + name
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw BackupBytes.failure("make", path) }
        try give(path)
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(ApolloError) {
        try BackupBytes.write(bytes, to: file, path)
    }

    func finish() throws(ApolloError) {
        try end()
        try give(directory)
        try PendingFile.sync(directory)
    }

    private func end() throws(ApolloError) {
        guard file >= 0 else { return }
        let isWritten = fsync(file) == 0
        let code = errno
        close(file)
        file = -1
        guard isWritten else { throw BackupBytes.failure("write", path, code) }
    }

    private func give(_ path: String) throws(ApolloError) {
        guard let owner, let group else { return }
        guard chown(path, owner, group) == 0 else { throw BackupBytes.failure("give away", path) }
    }
}

import Core
import Glibc

/// Where a backup is unpacked: beside the data directory, whose place it takes when it is whole.
final class RestorePlace {
    /// Where to unpack to.
    let directory: String
    /// To whom the files belong: whom the old ones belong to.
    private(set) var owner: uid_t?
    private(set) var group: gid_t?

    private let data: String
    private let aside: String
    private var exists = false
    private var locks: [Int32] = []
    private var isDone = false

    init(data: String, force: Bool, at now: Timestamp) throws {
        self.data = data
        let stamp = now.description.filter { $0.isNumber || $0 == "T" }
        directory = "\(data).restoring-\(getpid())"
        aside = "\(data).before-\(stamp)"
        var status = stat()
        if stat(data, &status) == 0 {
            exists = true
            (owner, group) = (status.st_uid, status.st_gid)
            try lock("apollo.db.lock", "a platform runs on \(data)", hint: "stop it first")
            try lock(
                "processes/launcher.lock", "tasks of \(data) still run",
                hint:
                    "stop them and wait half a minute for their launcher, or: systemctl stop apollo-launcher")
            guard force else {
                throw ApolloError(
                    .exists, "there is a data directory \(data) already",
                    hint: "--force sets it aside as \(data).before-…, or name another with --data")
            }
        }
        guard mkdir(directory, 0o700) == 0 else { throw PrivateFile.failure("make", directory) }
    }

    deinit {
        for lock in locks { close(lock) }
        if !isDone { Self.remove(directory) }
    }

    /// Takes the lock that whoever uses the directory holds; a file that is not there is nobody's.
    private func lock(_ name: String, _ message: String, hint: String) throws {
        let file = open("\(data)/\(name)", O_RDWR | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return }
            throw PrivateFile.failure("open", "\(data)/\(name)")
        }
        locks.append(file)
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { throw ApolloError(.conflict, message, hint: hint) }
    }

    /// Sets the old directory aside and puts the new one in its place. Returns where the old one is.
    func takePlace() throws -> String? {
        if exists, rename(data, aside) != 0 { throw PrivateFile.failure("set aside", data) }
        guard rename(directory, data) == 0 else {
            let failure = PrivateFile.failure("make", data)
            // What was there is put back; if that fails, the message of the first failure still counts.
            if exists { rename(aside, data) }
            throw failure
        }
        isDone = true
        sync()
        return exists ? aside : nil
    }

    /// Removes what this process unpacked, and nothing else: the directory has a name of its own.
    private static func remove(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let below = path + "/" + name
            if unlink(below) != 0 { remove(below) }
        }
        closedir(folder)
        rmdir(path)
    }
}

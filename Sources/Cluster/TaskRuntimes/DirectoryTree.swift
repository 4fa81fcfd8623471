import Core
import Glibc

/// A directory that a task writes, or has written. What is in it is not believed: no link is followed, nothing beyond its file system
/// is entered, and however deep or full it is, looking at it and removing it come to an end.
public enum DirectoryTree {
    /// What a tree takes on its disk.
    public struct Size: Hashable, Sendable {
        /// As the file system counts them, with 512 for what it counts as nothing.
        public var bytes: Int64 = 0
        public var entries = 0
        /// Why not all of it was counted; nil where all was.
        public var obstacle: String?

        public init() {}
    }

    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// Deeper is not looked at.
    private static var depthLimit: Int { 100 }

    /// What is in the directory at `path`; nil where there is none. Blocks, for as long as up to `entryLimit` files take.
    public static func measure(_ path: String, entryLimit: Int = 1_000_000) -> Size? {
        let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 else { return nil }
        var status = stat()
        guard fstat(root, &status) == 0 else {
            close(root)
            return nil
        }
        var count = Count(device: status.st_dev, entryLimit: entryLimit)
        count.enter(root, depth: 0)
        return count.size
    }

    private struct Count {
        let device: dev_t
        let entryLimit: Int
        var size = Size()
        /// Files with several names, which are counted once.
        var seen: Set<UInt64> = []

        /// Counts what is in the directory, and closes it.
        mutating func enter(_ directory: Int32, depth: Int) {
            guard let stream = fdopendir(directory) else {
                close(directory)
                size.obstacle = "a directory cannot be read"
                return
            }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                guard size.entries < entryLimit else {
                    size.obstacle = "there are more than \(entryLimit) files"
                    return
                }
                withUnsafePointer(to: &entry.pointee.d_name) { field in
                    field.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                        if !isDots(name) { look(at: name, in: directory, depth) }
                    }
                }
            }
        }

        private mutating func look(at name: UnsafePointer<CChar>, in directory: Int32, _ depth: Int) {
            var status = stat()
            // What is gone meanwhile takes nothing.
            guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_dev == device else {
                return
            }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            if !isDirectory, status.st_nlink > 1, !seen.insert(UInt64(status.st_ino)).inserted { return }
            size.entries += 1
            size.bytes += max(512, Int64(status.st_blocks) * 512)
            guard isDirectory else { return }
            guard depth < depthLimit else {
                size.obstacle = "its directories are nested deeper than \(depthLimit)"
                return
            }
            let inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard inner >= 0 else {
                if errno != ENOENT, errno != ENOTDIR { size.obstacle = "a directory in it cannot be read" }
                return
            }
            enter(inner, depth: depth + 1)
        }
    }

    /// Removes the directory at `path` with all that is in it; nothing where there is none. Blocks.
    public static func remove(_ path: String) throws(Failure) {
        // Each round takes away all but what lies deepest, which it has brought to the top.
        for round in 0..<10_000 {
            let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard root >= 0 else {
                if errno == ENOENT { return }
                throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
            }
            var removal = Removal(root: dup(root), round: round)
            defer { close(removal.root) }
            removal.clear(root, depth: 0)
            if rmdir(path) == 0 { return }
            guard removal.hoisted > 0 || errno == ENOTEMPTY && removal.error == 0 else {
                let code = removal.error == 0 ? errno : removal.error
                throw Failure(description: "\(path): \(String(cString: strerror(code)))")
            }
        }
        throw Failure(description: "\(path): something goes on writing there")
    }

    private struct Removal {
        let root: Int32
        let round: Int
        var hoisted = 0
        /// Why something could not be removed.
        var error: Int32 = 0

        /// Removes what is in the directory, and closes it.
        mutating func clear(_ directory: Int32, depth: Int) {
            guard let stream = fdopendir(directory) else {
                error = errno
                close(directory)
                return
            }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                withUnsafePointer(to: &entry.pointee.d_name) { field in
                    field.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                        if !isDots(name) { remove(name, in: directory, depth) }
                    }
                }
            }
        }

        private mutating func remove(_ name: UnsafePointer<CChar>, in directory: Int32, _ depth: Int) {
            if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return }
            guard errno == EISDIR || errno == EPERM || errno == EACCES || errno == ENOTEMPTY else {
                error = errno
                return
            }
            if unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return }
            if depth >= depthLimit {
                hoisted += 1
                if renameat(directory, name, root, "hoisted-\(getpid())-\(round)-\(hoisted)") != 0 {
                    error = errno
                }
                return
            }
            var inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if inner < 0, errno == EACCES {
                // Its owner may have shut us out: we are its owner, or may all.
                fchmodat(directory, name, 0o700, 0)
                inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            }
            guard inner >= 0 else {
                if errno != ENOENT { error = errno }
                return
            }
            fchmod(inner, 0o700)
            clear(inner, depth: depth + 1)
            if unlinkat(directory, name, AT_REMOVEDIR) != 0, errno != ENOENT, hoisted == 0, error == 0 {
                error = errno
            }
        }
    }

    private static func isDots(_ name: UnsafePointer<CChar>) -> Bool {
        let dot = CChar(UInt8(ascii: "."))
        return name[0] == dot && (name[1] == 0 || name[1] == dot && name[2] == 0)
    }
}

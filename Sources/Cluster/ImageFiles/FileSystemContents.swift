import Core
import Files
import Glibc

/// What a file system has to hold of a folder.
struct FileSystemContents {
    static let block: Int64 = 4096

    private let root: String
    private let newer: Timestamp
    private let time: Int64
    /// Files that have several names, once seen.
    private var seen: Set<UInt> = []
    /// Of all but the root.
    private(set) var inodes = 0
    private var blocks: Int64 = 0

    /// - Parameters:
    ///   - newer: folders that changed since have no time of their own: nobody's layer said it.
    ///   - time: the time that these get, in seconds since 1970.
    init(_ root: String, newer: Timestamp, time: Int64) {
        self.root = root
        self.newer = newer
        self.time = time
    }

    /// Reads the folder, and gives folders in it their times.
    mutating func read() throws { try descend(root) }

    private mutating func descend(_ folder: String) throws {
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw FolderWalk.failure("look at", folder) }
        var bytes: Int64 = 0
        for name in try FolderWalk.names(in: folder) {
            let path = "\(folder)/\(name)"
            bytes += 8 + (Int64(name.utf8.count) + 3) / 4 * 4
            var status = stat()
            guard lstat(path, &status) == 0 else { throw FolderWalk.failure("look at", path) }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            if !isDirectory, status.st_nlink > 1, !seen.insert(UInt(status.st_ino)).inserted { continue }
            inodes += 1
            if isDirectory {
                try descend(path)
            } else if status.st_mode & S_IFMT == S_IFREG {
                let count = (Int64(status.st_size) + Self.block - 1) / Self.block
                // An extent has up to 128 MiB; blocks of extents come only with more than four of them.
                blocks += count + count / 32768 / 4
            } else if status.st_mode & S_IFMT == S_IFLNK, status.st_size >= 60 {
                blocks += 1
            }
        }
        // Entries leave gaps, and an index takes its own.
        blocks += bytes * 4 / 3 / Self.block + 1
        try settle(folder, status)
    }

    private func settle(_ folder: String, _ status: stat) throws {
        // The kernel's time of files is up to a tick behind the clock.
        let changed = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
        guard folder == root || changed >= newer.microseconds - 10_000 else { return }
        let both = timespec(tv_sec: Int(time), tv_nsec: 0)
        guard utimensat(AT_FDCWD, folder, [both, both], AT_SYMLINK_NOFOLLOW) == 0 else {
            throw FolderWalk.failure("change", folder)
        }
    }

    /// How large a file system with room for a quarter more is, in bytes.
    func bytes(withInodes inodes: Int) -> Int64 {
        // Each file may have a block of attributes.
        let held = blocks + Int64(self.inodes) + Int64(inodes) * 256 / Self.block
        let size = (held + held / 4) * Self.block + (16 << 20)
        return (size + (1 << 20) - 1) / (1 << 20) * (1 << 20)
    }
}

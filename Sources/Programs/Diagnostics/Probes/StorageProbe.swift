import CApollo
import Core
import Glibc

/// The data directory and its disk.
enum StorageProbe {
    static func data(_ path: String) -> MachineFacts.DataDirectoryFacts {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else {
                let reason = String(cString: strerror(errno))
                return MachineFacts.DataDirectoryFacts(path: path, state: .unreachable(reason))
            }
            let isMakeable = access(nearest(to: path), W_OK | X_OK) == 0
            return MachineFacts.DataDirectoryFacts(path: path, state: .absent(isMakeable: isMakeable))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return MachineFacts.DataDirectoryFacts(path: path, state: .notADirectory)
        }
        // Everything directly in it but what others must reach: sockets and folders have modes of their own.
        let exposed = SystemFile.names(in: path).map { path + "/" + $0 }.filter { file in
            var status = stat()
            return lstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                && status.st_mode & 0o077 != 0
        }
        return MachineFacts.DataDirectoryFacts(
            path: path,
            state: .present(
                owner: status.st_uid, mode: status.st_mode & 0o7777,
                isWritable: access(path, W_OK | X_OK) == 0),
            exposed: exposed.sorted())
    }

    static func disk(_ path: String, clock: any MonotonicClock) -> MachineFacts.Disk? {
        let place = nearest(to: path)
        var status = statvfs()
        guard statvfs(place, &status) == 0 else { return nil }
        let block = Int64(status.f_frsize)
        var disk = MachineFacts.Disk(
            path: place, kind: capollo_file_system_kind(place) & 0xFFFF_FFFF,
            free: ByteCount(Int64(status.f_bavail) * block), size: ByteCount(Int64(status.f_blocks) * block),
            freeFiles: Int64(status.f_favail), files: Int64(status.f_files))
        // What may not be written to is told by the data directory's own check.
        if access(place, W_OK | X_OK) == 0 { trySync(place, clock, &disk) }
        return disk
    }

    /// Times how long a page takes to the disk, in a file that nobody else sees.
    private static func trySync(
        _ place: String, _ clock: any MonotonicClock, _ disk: inout MachineFacts.Disk
    ) {
        var file = capollo_open_unnamed(place, 0o600)
        if file < 0 {
            // Not every file system has files without a name.
            let name = "\(place)/.apollo-doctor-\(getpid())"
            file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            unlink(name)
        }
        guard file >= 0 else {
            disk.syncFailure = String(cString: strerror(errno))
            return
        }
        defer { close(file) }
        let page = [UInt8](repeating: 7, count: 4096)
        let start = clock.now
        guard write(file, page, page.count) == page.count, fsync(file) == 0 else {
            disk.syncFailure = String(cString: strerror(errno))
            return
        }
        disk.sync = start.duration(to: clock.now)
    }

    /// The path, or the nearest directory above it that is there.
    static func nearest(to path: String) -> String {
        var path = path
        var status = stat()
        while path.count > 1, stat(path, &status) != 0 {
            guard let slash = path.lastIndex(of: "/") else { return "." }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return path
    }
}

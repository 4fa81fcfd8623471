public import Core
import Files
import Glibc

/// Files of this machine, as they are copied.
public enum LocalFiles {
    static let pieceBytes = 256 << 10

    public static func failure(_ what: String, _ path: String) -> ApolloError {
        let kind: ErrorKind =
            switch errno {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM: .denied
            case ENOSPC, EDQUOT: .exhausted
            default: .unavailable
            }
        return ApolloError(kind, "cannot \(what) \(path.printable): \(String(cString: strerror(errno)))")
    }

    public static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(ApolloError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + start, bytes.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write to", path) }
            start += count
        }
    }

    /// Writes at a place of the file.
    static func write(
        _ bytes: [UInt8], at offset: Int64, to descriptor: Int32, _ path: String
    ) throws(ApolloError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + start, bytes.count - start, off_t(offset) + off_t(start))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write to", path) }
            start += count
        }
    }

    /// Up to `count` bytes from a place of the file on; none at its end.
    static func read(
        _ count: Int, at offset: Int64, from descriptor: Int32, _ path: String
    ) throws(ApolloError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var found = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            while found < 0, errno == EINTR {
                found = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            }
            failed = found < 0
            filled = max(0, found)
        }
        if failed { throw failure("read", path) }
        return bytes
    }

    /// Gives the bytes of a range to `take`, in order.
    static func forEachPiece(
        of range: Range<Int64>, from descriptor: Int32, _ path: String, _ take: ([UInt8]) -> Void
    ) throws(ApolloError) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let piece = try read(
                Int(min(range.upperBound - offset, Int64(pieceBytes))), at: offset, from: descriptor, path)
            guard !piece.isEmpty else {
                throw ApolloError(.conflict, "\(path.printable) became shorter while it was read")
            }
            take(piece)
            offset += Int64(piece.count)
        }
    }

    /// Whether there is a folder of this name.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The folders that a file is to be in.
    public static func makeFolders(of path: String) throws(ApolloError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/").dropLast() {
            made += "/" + part
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else { throw failure("make", made) }
        }
    }

    /// What is known of a plain file.
    public struct Status: Hashable, Sendable {
        public var size: Int64
        public var modified: Timestamp
    }

    private static func known(_ found: stat) -> (Status?, isFolder: Bool) {
        let kind = found.st_mode & S_IFMT
        let time = ModificationTime(found)
        let modified = Timestamp(
            microseconds: Int64(time.seconds) * 1_000_000 + Int64(time.nanoseconds) / 1000)
        return (
            kind == S_IFREG ? Status(size: Int64(found.st_size), modified: modified) : nil, kind == S_IFDIR
        )
    }

    /// What is known of an open file; nil for what is no plain one.
    static func status(_ descriptor: Int32, _ path: String) throws(ApolloError) -> Status? {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw failure("look at", path) }
        return known(found).0
    }

    /// What is known of a file by its name; nil for what is no plain one.
    static func status(_ path: String) throws(ApolloError) -> Status? {
        var found = stat()
        guard stat(path, &found) == 0 else { throw failure("open", path) }
        return known(found).0
    }

    /// The plain files under a folder, by their paths within it. Links are not followed: they might lead anywhere.
    public static func files(in folder: String) throws(ApolloError) -> [SyncEntry] {
        var found: [SyncEntry] = []
        var open = [""]
        while let inner = open.popLast() {
            let path = inner.isEmpty ? folder : "\(folder)/\(inner)"
            guard let directory = opendir(path) else { throw failure("read", path) }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
                }
                guard let name else {
                    throw ApolloError(
                        .invalid, "\(path.printable) has a file whose name is no UTF-8: it cannot be a key",
                        hint: "rename it")
                }
                guard name != ".", name != ".." else { continue }
                let relative = inner.isEmpty ? name : "\(inner)/\(name)"
                var known = stat()
                guard lstat("\(folder)/\(relative)", &known) == 0 else {
                    throw failure("look at", relative)
                }
                let (status, isFolder) = self.known(known)
                if isFolder { open.append(relative) }
                guard let status else { continue }
                found.append(SyncEntry(path: relative, size: status.size, modified: status.modified))
            }
        }
        return found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Where a key of the store goes in a folder: never beside it, whatever the key is.
    public static func path(of key: String, in folder: String) throws(ApolloError) -> String {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
            throw ApolloError(
                .invalid, "the key '\(key.printable)' cannot be a path under \(folder.printable)",
                hint: "copy it by itself, to a file of another name")
        }
        return "\(folder)/\(parts.joined(separator: "/"))"
    }
}

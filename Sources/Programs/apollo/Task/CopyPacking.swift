import Archives
import Core
import Files
import Glibc

/// Writes an archive of a file or folder here, under another name. Links are packed as links.
struct CopyPacking: Sendable {
    let path: String
    let name: String

    /// Writes the archive to its end. Blocks.
    func run(to descriptor: Int32) throws {
        let archive = try TreeWriter.open(to: descriptor)
        try add(path, as: name, to: archive)
        try archive.finish()
    }

    private func add(_ path: String, as name: String, to archive: borrowing TreeWriter) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw CopyUnpacking.error("cannot read '\(path)'", errno) }
        var member = TreeMember(
            name: name, kind: .other, mode: UInt32(status.st_mode & 0o777),
            modified: Timestamp(microseconds: Int64(ModificationTime(status).seconds) * 1_000_000))
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            member.kind = .directory
            try archive.begin(member)
            for entry in try Self.names(path) {
                try add(path + "/" + entry, as: name + "/" + entry, to: archive)
            }
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlink(path, &buffer, buffer.count)
            guard count > 0 else { throw CopyUnpacking.error("cannot read the link '\(path)'", errno) }
            member.kind = .link(
                to: String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
            try archive.begin(member)
        case S_IFREG: try add(file: path, member, Int64(status.st_size), to: archive)
        default: throw CopyUnpacking.error("'\(path)' is neither a file, a folder nor a link")
        }
    }

    private func add(
        file path: String, _ member: TreeMember, _ size: Int64, to archive: borrowing TreeWriter
    ) throws {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw CopyUnpacking.error("cannot read '\(path)'", errno) }
        defer { close(file) }
        var member = member
        member.kind = .file(size: size)
        try archive.begin(member)
        var left = size
        while left > 0 {
            var buffer = [UInt8](repeating: 0, count: Int(min(left, 1 << 18)))
            let count = read(file, &buffer, buffer.count)
            guard count > 0 else { throw CopyUnpacking.error("'\(path)' became shorter while it was read") }
            try archive.write(buffer[..<count])
            left -= Int64(count)
        }
    }

    private static func names(_ path: String) throws -> [String] {
        guard let folder = opendir(path) else {
            throw CopyUnpacking.error("cannot read the folder '\(path)'", errno)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

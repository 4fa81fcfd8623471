import Archives
import Core
import Files
import Glibc

/// Reads a folder as the root of a file system: what is in it, in the order of the names' bytes, links as links.
struct FolderWalk {
    /// How it is written down, so that the same files are the same layer wherever and whenever they are.
    struct Rules {
        /// Seconds since 1970, of all; nil for their own.
        var modified: Int64?
        /// Whether owners are kept; else all is root's.
        var keepsOwners: Bool
    }

    private let root: String
    private let rules: Rules
    /// The first path of files that have several names.
    private var names: [FileID: String] = [:]

    private struct FileID: Hashable {
        var device: UInt
        var number: UInt
    }

    init(_ root: String, _ rules: Rules) {
        self.root = root
        self.rules = rules
    }

    /// Gives every member to `take`, with the path of its bytes where it is a file.
    mutating func run(
        _ take: (LayerMember, String?) throws -> Void
    ) throws {
        try descend("", take)
    }

    private mutating func descend(
        _ folder: String, _ take: (LayerMember, String?) throws -> Void
    ) throws {
        for name in try Self.names(in: folder.isEmpty ? root : "\(root)/\(folder)") {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            var status = stat()
            guard lstat("\(root)/\(path)", &status) == 0 else { throw Self.failure("look at", path) }
            guard let kind = try kind(of: path, status) else { continue }
            var member = LayerMember(
                path: path, kind: kind, mode: status.st_mode & 0o7777,
                user: rules.keepsOwners ? Int64(status.st_uid) : 0,
                group: rules.keepsOwners ? Int64(status.st_gid) : 0,
                modifiedSeconds: rules.modified ?? Int64(status.st_mtim.tv_sec))
            if case .link = kind { member.mode = 0o777 }
            if case .file = kind { try take(member, "\(root)/\(path)") } else { try take(member, nil) }
            if case .directory = kind { try descend(path, take) }
        }
    }

    /// Nil for what is in no image: sockets.
    private mutating func kind(of path: String, _ status: stat) throws -> LayerMember.Kind? {
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard status.st_nlink > 1 else { return .file(size: Int64(status.st_size)) }
            let id = FileID(device: UInt(status.st_dev), number: UInt(status.st_ino))
            if let first = names[id] { return .name(of: first) }
            names[id] = path
            return .file(size: Int64(status.st_size))
        case S_IFDIR: return .directory
        case S_IFLNK:
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = target.withUnsafeMutableBytes {
                readlink("\(root)/\(path)", $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
            }
            guard count >= 0 else { throw Self.failure("read the link", path) }
            return .link(to: String(decoding: target[..<count], as: UTF8.self))
        case S_IFIFO: return .pipe
        case S_IFBLK, S_IFCHR:
            // As glibc's <sys/sysmacros.h> takes them apart.
            let number = UInt64(status.st_rdev)
            return .device(
                isBlock: status.st_mode & S_IFMT == S_IFBLK,
                major: UInt32(truncatingIfNeeded: (number >> 8) & 0xFFF | (number >> 32) & ~0xFFF),
                minor: UInt32(truncatingIfNeeded: number & 0xFF | (number >> 12) & ~0xFF))
        default: return nil
        }
    }

    static func names(in path: String) throws -> [String] {
        do throws(DirectoryNames.Failure) {
            return try DirectoryNames.list(path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw failure("read", path, code: error.code)
        }
    }

    static func failure(_ activity: String, _ path: String, code: Int32 = errno) -> ApolloError {
        let kind: ErrorKind =
            switch code {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM: .denied
            case ENOSPC, EDQUOT: .exhausted
            default: .unavailable
            }
        return ApolloError(kind, "cannot \(activity) \(path): \(String(cString: strerror(code)))")
    }
}

import CApollo
import Glibc

/// The file system of a container as its processes see it, read from outside: its links lead nowhere else.
struct ContainerRoot: ~Copyable {
    private let file: Int32

    /// O_PATH, which the Glibc module does not show (open(2)).
    private static var pathOnly: Int32 { 0o10_000_000 }

    /// Nil where there is none, with `errno`.
    init?(_ path: String) {
        file = open(path, Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return nil }
    }

    deinit { if file >= 0 { close(file) } }

    /// What is in a small file; empty where there is none.
    func text(_ path: String) -> String {
        let opened = capollo_open_in_root(file, path, O_RDONLY | O_NONBLOCK)
        guard opened >= 0 else { return "" }
        defer { close(opened) }
        return String(decoding: ContainerFiles.read(opened, limit: 1 << 20) ?? [], as: UTF8.self)
    }

    enum Program: Hashable {
        case found
        /// It is there, and no program.
        case unusable(String)
        case missing
    }

    /// Looks for a program where it may be.
    func find(_ candidates: [String]) -> Program {
        var unusable: String?
        for path in candidates {
            let opened = capollo_open_in_root(file, path, Self.pathOnly)
            guard opened >= 0 else { continue }
            defer { close(opened) }
            var status = stat()
            guard fstat(opened, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o111 != 0 { return .found }
            unusable = unusable ?? path
        }
        return unusable.map { .unusable($0) } ?? .missing
    }
}

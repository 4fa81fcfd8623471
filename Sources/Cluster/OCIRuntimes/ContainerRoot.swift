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

    /// Where the loaders of programs of 32 bits are: those of glibc and musl, for x86 and ARM.
    private static let loaders32Bit = [
        "/lib/ld-linux.so.2", "/lib/ld-musl-i386.so.1", "/lib/ld-linux-armhf.so.3", "/lib/ld-linux.so.3",
        "/lib/ld-musl-armhf.so.1", "/lib/ld-musl-arm.so.1",
    ]

    /// Whether there is what programs of 32 bits need, or the first of `candidates` that is there is one (elf(5), EI_CLASS).
    func holds32Bit(_ candidates: [String]) -> Bool {
        for path in Self.loaders32Bit {
            let opened = capollo_open_in_root(file, path, Self.pathOnly)
            guard opened >= 0 else { continue }
            close(opened)
            return true
        }
        for path in candidates {
            let opened = capollo_open_in_root(file, path, O_RDONLY | O_NONBLOCK)
            guard opened >= 0 else { continue }
            defer { close(opened) }
            var head = [UInt8](repeating: 0, count: 5)
            return read(opened, &head, head.count) == head.count && head == [0x7F, 0x45, 0x4C, 0x46, 1]
        }
        return false
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

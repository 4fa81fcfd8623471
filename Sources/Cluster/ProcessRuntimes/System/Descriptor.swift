import Glibc

/// An open file, closed with its last owner.
final class Descriptor: Sendable {
    let number: Int32

    init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// open(2), close-on-exec; a new file is for its owner only.
    static func open(_ path: String, _ flags: Int32) throws(SystemError) -> Descriptor {
        let number = retryingInterrupts { Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        guard number >= 0 else { throw .last("open", path) }
        return Descriptor(owning: number)
    }

    /// Writes all of it, or throws; what was written by then stays.
    func writeAll(_ bytes: [UInt8], to subject: @autoclosure () -> String) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = retryingInterrupts {
                bytes.withUnsafeBytes { write(number, $0.baseAddress! + written, bytes.count - written) }
            }
            guard count >= 0 else { throw .last("write", subject()) }
            written += count
        }
    }

    /// The file's size.
    var size: Int64? {
        var status = stat()
        return fstat(number, &status) == 0 ? Int64(status.st_size) : nil
    }
}

/// The files of proc(5) and cgroups(7): short texts that are read and written whole.
enum ControlFile {
    /// Its text, at most 1 MiB; nil when it cannot be read.
    static func read(_ path: String) -> String? {
        // Nil says so: the files of cgroups and processes come and go.
        guard let file = try? Descriptor.open(path, O_RDONLY) else { return nil }
        var bytes: [UInt8] = []
        let most = 1 << 20
        while bytes.count < most {
            let before = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: 4096))
            let count = retryingInterrupts {
                bytes.withUnsafeMutableBytes { Glibc.read(file.number, $0.baseAddress! + before, 4096) }
            }
            bytes.removeLast(4096 - max(0, count))
            if count < 0 { return nil }
            if count == 0 { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes in one call, as these files want it; the error, or nil.
    static func write(_ text: String, to path: String) -> SystemError? {
        do throws(SystemError) {
            let file = try Descriptor.open(path, O_WRONLY)
            try file.writeAll(Array(text.utf8), to: path)
            return nil
        } catch {
            return error
        }
    }
}

/// Makes a directory for its owner only, with those above it; it may be there already.
func makeDirectories(_ path: String) throws(SystemError) {
    if mkdir(path, 0o700) == 0 { return }
    switch errno {
    case EEXIST:
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SystemError(call: "mkdir", subject: path, code: ENOTDIR)
        }
    case ENOENT:
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .last("mkdir", path)
        }
        try makeDirectories(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last("mkdir", path) }
    default: throw .last("mkdir", path)
    }
}

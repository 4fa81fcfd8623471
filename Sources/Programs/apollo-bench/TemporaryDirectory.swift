import Core
import Glibc

/// A directory that goes with its handle, and everything in it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/apollo-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ApolloError(
                .unavailable, "cannot make a directory in '\(parent)': \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in Files.names(in: path) {
            let child = "\(path)/\(name)"
            if unlink(child) != 0, errno == EISDIR { remove(child) }
        }
        rmdir(path)
    }

    func write(_ name: String, _ text: String) throws {
        guard let file = fopen("\(path)/\(name)", "w") else {
            throw ApolloError(
                .unavailable, "cannot write '\(path)/\(name)': \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        fputs(text, file)
    }

    /// A file of `size` bytes that differ from block to block.
    func fill(_ name: String, size: Int) throws {
        guard let file = fopen("\(path)/\(name)", "w") else {
            throw ApolloError(
                .unavailable, "cannot write '\(path)/\(name)': \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var block = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for number in 0..<(size >> 20) {
            block[0] = UInt8(truncatingIfNeeded: number)
            guard fwrite(block, 1, block.count, file) == block.count else {
                throw ApolloError(
                    .exhausted,
                    "cannot write \(size >> 20) MiB to '\(path)': \(String(cString: strerror(errno)))",
                    hint: "set TMPDIR to a directory with more room")
            }
        }
    }
}

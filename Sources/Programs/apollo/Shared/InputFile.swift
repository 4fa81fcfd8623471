import Core
import Glibc

/// What a command reads whole: a file, or the standard input as `-`.
enum InputFile {
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        guard path != "-" else { return try all(of: STDIN_FILENO, "the standard input", limit: limit) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PrivateFile.failure(reading: path) }
        defer { close(descriptor) }
        return try all(of: descriptor, path, limit: limit)
    }

    private static func all(of descriptor: Int32, _ source: String, limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PrivateFile.failure(reading: source) }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= limit else {
                throw ApolloError(.invalid, "\(source) has more than \(limit) bytes")
            }
        }
    }
}

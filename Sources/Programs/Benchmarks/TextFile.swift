import Core
import Glibc

/// Small files that are read as a whole.
public enum TextFile {
    /// The text of the file, or nil where there is none. Files of /proc have no length: it reads until the end.
    public static func read(_ path: String) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ESRCH { return nil }
            throw Workshop.failure("read", path)
        }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            guard count > 0 else {
                // A process that ended while its file was open.
                if errno == ESRCH { return nil }
                throw Workshop.failure("read", path)
            }
            text += buffer[..<count]
        }
    }
}

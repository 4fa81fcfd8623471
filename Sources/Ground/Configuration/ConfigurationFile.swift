public import Core
import Glibc

/// Reads configuration files.
public enum ConfigurationFile {
    /// The longest file, in bytes. A configuration is a page or two; more is a mistake, such as a device.
    static let maximumSize = 1 << 20

    /// The bytes of the file at `path`, or nil where there is none.
    @Sendable public static func read(_ path: String) throws(ApolloError) -> [UInt8]? {
        // Not waiting for a writer, should it be a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ApolloError(.invalid, "the configuration '\(path)' is not a file", hint: "name a YAML file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, errno)
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= maximumSize else {
                throw ApolloError(
                    .invalid,
                    "the configuration file '\(path)' has more than \(ByteCount(Int64(maximumSize)))B")
            }
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> ApolloError {
        let reason = String(cString: strerror(code))
        let isDenied = code == EACCES || code == EPERM
        return ApolloError(
            isDenied ? .denied : .unavailable, "cannot read the configuration file '\(path)': \(reason)",
            hint: isDenied ? "let its user read it, or name another with --config" : nil)
    }
}

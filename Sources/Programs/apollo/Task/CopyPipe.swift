import Core
import Glibc
import Synchronization

/// A pipe between an archive, which is read or written by a thread, and a connection.
final class CopyPipe: Sendable {
    let reader: Int32
    let writer: Int32
    private let open = Mutex((reader: true, writer: true))

    init() throws(ApolloError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ApolloError(.exhausted, "no pipe is left to copy by", hint: "see `ulimit -n`")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reader, writer) = (ends[0], ends[1])
        // Whose other end went is told by errno.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        closeReader()
        closeWriter()
    }

    func closeReader() { if open.withLock({ take(&$0.reader) }) { close(reader) } }
    func closeWriter() { if open.withLock({ take(&$0.writer) }) { close(writer) } }

    private func take(_ flag: inout Bool) -> Bool {
        defer { flag = false }
        return flag
    }

    /// Blocks until all is written; what nobody reads any more is dropped.
    func write(_ bytes: [UInt8]) throws(ApolloError) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(writer, $0.baseAddress! + start, $0.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            start += count
        }
    }

    /// Blocks until there is something; none at the end.
    func read() throws(ApolloError) -> [UInt8] {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 32 << 10) { buffer, used in
                count = Glibc.read(reader, buffer.baseAddress, buffer.count)
                used = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            return bytes
        }
    }
}

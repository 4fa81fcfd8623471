import Checksums
import Core
import Glibc
import Synchronization

/// A file that is being written, whole blocks at a time but the last. One that is not sealed is removed with this object.
final class BlobWriter: Sendable {
    private struct State {
        var descriptor: Int32
        var size: Int64 = 0
        var checksums: [UInt32] = []
        var isSealed = false
    }

    private let path: String
    private let folder: String
    private let state: Mutex<State>

    init(_ path: String, folder: String) throws {
        // Never an old file, and never through a link.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw BlobFile.failure("make", path) }
        self.path = path
        self.folder = folder
        state = Mutex(State(descriptor: descriptor))
    }

    deinit {
        let (descriptor, isSealed) = state.withLock { ($0.descriptor, $0.isSealed) }
        close(descriptor)
        if !isSealed { unlink(path) }
    }

    var size: Int64 { state.withLock { $0.size } }

    /// Blocks until the system has it. All blocks but the last have ``BlobFile/blockBytes``.
    func write(_ block: [UInt8]) throws {
        try state.withLock { state throws in
            precondition(
                !block.isEmpty && block.count <= BlobFile.blockBytes && !state.isSealed
                    && state.size % Int64(BlobFile.blockBytes) == 0, "a block in the wrong place")
            state.checksums.append(CRC32.checksum(block, .castagnoli))
            state.size += Int64(block.count)
            try Self.write(block, to: state.descriptor, path)
            Self.hurry(state.descriptor, size: state.size)
        }
    }

    /// Blocks until all of it is on the disk, and stays under its name.
    func seal() throws {
        try state.withLock { state throws in
            try Self.write(
                BlobFile.ending(size: state.size, checksums: state.checksums), to: state.descriptor, path)
            guard fsync(state.descriptor) == 0 else { throw BlobFile.failure("write", path) }
            try BlobDirectory.sync(folder)
            state.isSealed = true
        }
    }

    /// How many bytes go to the disk together while more come.
    private static let batch: Int64 = 8 << 20

    /// Has the system begin to write what came since the last time, so that less is left to wait for at the end: of pages that are dirty
    /// DONTNEED begins the writing, and drops none (posix_fadvise(2)). It is only advice: whether it was taken does not matter.
    private static func hurry(_ descriptor: Int32, size: Int64) {
        guard size % batch == 0 else { return }
        _ = posix_fadvise(descriptor, off_t(size - batch), off_t(batch), POSIX_FADV_DONTNEED)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw BlobFile.failure("write", path)
            }
            written += count
        }
    }
}

import Checksums
import Core
import Glibc
import Synchronization

/// A file that is being written, whole blocks at a time but the last. One that is not sealed is removed with this object.
///
/// Its first block goes by the system's cache, where whoever reads what is small finds it. The others go to the disk as they come
/// (open(2), O_DIRECT): a copy to the cache costs more than all else that is done with them, and would push out what is read. A file system
/// that does not take them so gets them by its cache.
final class BlobWriter: Sendable {
    private struct State {
        var file: OutputFile
        var size: Int64 = 0
        var checksums: [UInt32] = []
        var isSealed = false
    }

    private let path: String
    private let folder: String
    private let buffers: DirectBuffers
    private let state: Mutex<State>

    init(_ path: String, folder: String, buffers: DirectBuffers) throws {
        self.path = path
        self.folder = folder
        self.buffers = buffers
        state = Mutex(State(file: try OutputFile(making: path)))
    }

    deinit {
        let (descriptor, isSealed) = state.withLock { ($0.file.descriptor, $0.isSealed) }
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
            try block.withUnsafeBytes { bytes throws in
                var crc = CRC32(.castagnoli)
                if state.size == 0 {
                    crc.update(bytes)
                    try state.file.append(bytes)
                } else {
                    try buffers.withBuffer { buffer in
                        let copy = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(bytes.count))
                        Self.copy(bytes, to: copy, &crc)
                        try state.file.appendPastCache(UnsafeRawBufferPointer(copy))
                    }
                }
                state.checksums.append(crc.value)
            }
            state.size += Int64(block.count)
        }
    }

    /// Copies `bytes`, and takes them into `crc` while the processor's cache has them.
    private static func copy(
        _ bytes: UnsafeRawBufferPointer, to copy: UnsafeMutableRawBufferPointer, _ crc: inout CRC32
    ) {
        let pieceBytes = 32 << 10
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let range = start..<min(start + pieceBytes, bytes.count)
            let piece = UnsafeMutableRawBufferPointer(rebasing: copy[range])
            piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
            crc.update(UnsafeRawBufferPointer(piece))
        }
    }

    /// Blocks until all of it is on the disk, and stays under its name.
    func seal() throws {
        try state.withLock { state throws in
            try BlobFile.ending(size: state.size, checksums: state.checksums).withUnsafeBytes {
                ending throws in
                try state.file.append(ending)
            }
            guard fsync(state.file.descriptor) == 0 else { throw BlobFile.failure("write", path) }
            try BlobDirectory.sync(folder)
            state.isSealed = true
        }
    }
}

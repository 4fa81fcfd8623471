import Checksums
import Core
import Glibc

/// An open file, whose blocks are checked as they are read. It can be read to its end although it is removed meanwhile.
public final class BlobReader: Sendable {
    let descriptor: Int32
    private let path: String
    let size: Int64
    private let checksums: [UInt32]

    /// Opens a file and checks how it ends; nil where it is not there.
    ///
    /// - Throws: ``ApolloError`` of kind `corrupt` where it is no file of a store, or cut off.
    init?(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw BlobFile.failure("open", path)
        }
        do throws {
            (size, checksums) = try Self.ending(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    private static func ending(
        _ descriptor: Int32, _ path: String
    ) throws -> (Int64, [UInt32]) {
        let damaged = ApolloError(.corrupt, "\(path) is damaged: it does not end as it should")
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw BlobFile.failure("look at", path) }
        let length = Int64(status.st_size)
        guard length >= Int64(BlobFile.footerBytes) else { throw damaged }
        let footer = try read(
            descriptor, path, BlobFile.footerBytes, at: length - Int64(BlobFile.footerBytes))
        guard let (size, checksum) = BlobFile.footer(footer), size <= length else { throw damaged }
        let count = BlobFile.blocks(size) * 4
        guard size + Int64(count) + Int64(BlobFile.footerBytes) == length else { throw damaged }
        let bytes = try read(descriptor, path, count, at: size)
        guard CRC32.checksum(bytes, .castagnoli) == checksum else { throw damaged }
        return (size, BlobFile.checksums(bytes))
    }

    /// Reads and checks a block; blocks the thread.
    ///
    /// - Throws: ``ApolloError`` of kind `corrupt` where it is not what was written.
    func block(_ index: Int) throws -> [UInt8] {
        let (start, count) = place(index)
        let bytes = try Self.read(descriptor, path, count, at: start)
        try check(CRC32.checksum(bytes, .castagnoli), index)
        return bytes
    }

    /// Checks a block without keeping it, through memory that stays in the processor's cache; blocks the thread.
    ///
    /// - Throws: as ``block(_:)``.
    func verify(_ index: Int) throws {
        let (start, count) = place(index)
        var crc = CRC32(.castagnoli)
        try withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 64) { memory in
            var done = 0
            while done < count {
                let piece = UnsafeMutableRawBufferPointer(rebasing: memory.prefix(count - done))
                let got = try Self.read(descriptor, path, into: piece, at: start + Int64(done))
                crc.update(UnsafeRawBufferPointer(rebasing: piece.prefix(got)))
                done += got
            }
        }
        try check(crc.value, index)
    }

    private static let pieceBytes = 64 << 10

    /// Has the system read bytes into its cache, so that whoever sends them from there does not wait for the disk; blocks the thread.
    func fetch(_ range: Range<Int64>) throws {
        // Only advice: where it is not taken the bytes are read when they are sent.
        _ = posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_WILLNEED)
        try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { byte in
            _ = try Self.read(descriptor, path, into: byte, at: range.upperBound - 1)
        }
    }

    private func place(_ index: Int) -> (start: Int64, count: Int) {
        let start = Int64(index) * Int64(BlobFile.blockBytes)
        return (start, Int(min(Int64(BlobFile.blockBytes), size - start)))
    }

    private func check(_ checksum: UInt32, _ index: Int) throws {
        guard checksum == checksums[index] else {
            throw ApolloError(.corrupt, "\(path) is damaged: its block \(index) is not what was written")
        }
    }

    private static func read(
        _ descriptor: Int32, _ path: String, _ count: Int, at offset: Int64
    ) throws -> [UInt8] {
        var failure: (any Error)?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do {
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    filled += try read(descriptor, path, into: rest, at: offset + Int64(filled))
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads some bytes, at least one.
    private static func read(
        _ descriptor: Int32, _ path: String, into memory: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws -> Int {
        while true {
            let got = pread(descriptor, memory.baseAddress, memory.count, off_t(offset))
            if got > 0 { return got }
            guard got < 0 else { throw ApolloError(.corrupt, "\(path) is damaged: it was cut off") }
            if errno != EINTR { throw BlobFile.failure("read", path) }
        }
    }
}

import Checksums
import Core
import Glibc

/// The form of a file of bytes: the bytes, then the CRC-32C of each block of them, then a footer that says how many there are. A
/// file says by itself whether it is whole and unchanged, block by block, so that a range can be checked without the rest.
enum BlobFile {
    static let blockBytes = 1 << 20
    static let footerBytes = 24
    private static let magic = Array("APLBLOB1".utf8)

    /// How many blocks so many bytes have.
    static func blocks(_ size: Int64) -> Int { Int((size + Int64(blockBytes) - 1) / Int64(blockBytes)) }

    /// What stands behind the bytes.
    static func ending(size: Int64, checksums: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(checksums.count * 4 + footerBytes)
        for checksum in checksums { append(checksum, to: &bytes) }
        let all = CRC32.checksum(bytes, .castagnoli)
        bytes += magic
        append(UInt64(size), to: &bytes)
        append(UInt32(blockBytes), to: &bytes)
        append(all, to: &bytes)
        return bytes
    }

    /// Reads the footer: how many bytes there are, and the checksum of the blocks' checksums; nil where it is none.
    static func footer(_ bytes: [UInt8]) -> (size: Int64, checksum: UInt32)? {
        guard bytes.count == footerBytes, bytes.starts(with: magic),
            number(bytes[16..<20]) == UInt64(blockBytes),
            let size = Int64(exactly: number(bytes[8..<16])), size >= 0
        else { return nil }
        return (size, UInt32(number(bytes[20..<24])))
    }

    static func checksums(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count - 3, by: 4).map { UInt32(number(bytes[$0..<$0 + 4])) }
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func failure(_ what: String, _ path: String, code: Int32 = errno) -> any Error {
        if code == ENOSPC || code == EDQUOT { return StoreError.full }
        return ApolloError(
            code == EIO ? .corrupt : .unavailable,
            "cannot \(what) \(path): \(String(cString: strerror(code)))")
    }
}

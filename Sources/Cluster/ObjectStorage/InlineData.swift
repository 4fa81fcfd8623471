import Checksums
import Core
import Databases
import ObjectModel

/// Bytes of an object in its own row, with a checksum as files have.
enum InlineData {
    static func insert(_ content: StoredContent, _ transaction: borrowing Transaction) throws {
        var (blob, data, checksum): (ContentID?, [UInt8]?, UInt32) = (content.id, nil, 0)
        if case .inline(let bytes) = content.place {
            (blob, data, checksum) = (nil, bytes, CRC32.checksum(bytes, .castagnoli))
        }
        try transaction.execute(
            """
            INSERT INTO object_contents (content, position, file, size, data, checksum, salt)
            VALUES (?, 0, ?, ?, ?, ?, ?)
            """,
            [
                DatabaseValue(content.id), DatabaseValue(blob), .integer(content.size),
                data.map { .blob($0) } ?? .null, .integer(Int64(checksum)), DatabaseValue(content.salt),
            ])
    }

    /// - Throws: ``ApolloError`` of kind `corrupt` where they are not what was stored.
    static func check(_ row: Row) throws -> [UInt8] {
        let bytes: [UInt8] = try row.get("data")
        let checksum: Int64 = try row.get("checksum")
        guard Int64(CRC32.checksum(bytes, .castagnoli)) == checksum else {
            throw ApolloError(.corrupt, "the bytes of an object in the database are not what was stored")
        }
        return bytes
    }
}

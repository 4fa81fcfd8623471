import Core
import Databases
import ObjectModel

/// The rows of uploads and their parts, within a transaction.
enum UploadRows {
    private static let columns = """
        id, key, headers, checksum_algorithm, created_at, created_by, checksum_kind, owner, attributes
        """

    static func insert(
        _ upload: UploadRecord, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO object_uploads (bucket, \(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(bucket.text), DatabaseValue(upload.id), .text(upload.key.text),
                .text(ObjectRows.text(upload.headers)), DatabaseValue(upload.algorithm?.rawValue),
                DatabaseValue(upload.createdAt), .text(upload.createdBy), .text(upload.kind.rawValue),
                .text(upload.owner), .text(try ObjectRows.text(upload.attributes)),
            ])
    }

    /// An upload of this key.
    static func find(
        _ id: UploadID, _ key: ObjectKey, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws -> UploadRecord {
        let row = try transaction.first(
            "SELECT \(columns) FROM object_uploads WHERE id = ? AND bucket = ? AND key = ?",
            [DatabaseValue(id), .text(bucket.text), .text(key.text)])
        guard let row else { throw StoreError.noUpload }
        return try record(row)
    }

    /// Uploads in the order of their keys, from behind a key and an upload of it on.
    static func list(
        in bucket: BucketName, prefix: String, after: String, _ id: String, limit: Int,
        _ transaction: borrowing Transaction
    ) throws -> [UploadRecord] {
        try transaction.query(
            """
            SELECT \(columns) FROM object_uploads
            WHERE bucket = ? AND key >= ? AND (key > ? OR (key = ? AND id > ?)) ORDER BY key, id LIMIT ?
            """,
            [
                // No row before either counts: from the later on, rather than past all before it.
                .text(bucket.text), .text(after.utf8.lexicographicallyPrecedes(prefix.utf8) ? prefix : after),
                .text(after), .text(after), .text(id), DatabaseValue(limit),
            ]
        ).map { try record($0) }.filter { $0.key.hasPrefix(prefix) }
    }

    private static func record(_ row: Row) throws -> UploadRecord {
        guard let key = ObjectKey(try row.get("key")) else {
            throw ApolloError(.corrupt, "an upload has a key that cannot be one")
        }
        let algorithm: String? = try row.get("checksum_algorithm")
        var upload = UploadRecord(
            id: try row.get("id"), key: key, headers: try ObjectRows.headers(row.get("headers")),
            algorithm: algorithm.flatMap { ObjectChecksum.Algorithm(rawValue: $0) },
            createdAt: try row.get("created_at"), createdBy: try row.get("created_by"))
        upload.kind = ObjectChecksum.Kind(rawValue: try row.get("checksum_kind")) ?? .composite
        upload.owner = try row.get("owner")
        upload.attributes = try ObjectRows.attributes(row.get("attributes"))
        return upload
    }

    // MARK: Parts

    /// Puts a part in its place; the files of the one that was there.
    static func put(
        _ part: PartRecord, of upload: UploadRecord, in bucket: BucketName, _ usage: inout UsageChange,
        _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        let old = try transaction.first(
            "SELECT content, size FROM object_parts WHERE upload = ? AND number = ?",
            [DatabaseValue(upload.id), DatabaseValue(part.number)])
        try transaction.execute(
            """
            INSERT INTO object_parts (upload, number, content, size, tag, checksum, modified)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (upload, number) DO UPDATE SET content = excluded.content, size = excluded.size,
                tag = excluded.tag, checksum = excluded.checksum, modified = excluded.modified
            """,
            [
                DatabaseValue(upload.id), DatabaseValue(part.number), DatabaseValue(part.content),
                .integer(part.size), .text(part.tag), DatabaseValue(part.checksum),
                DatabaseValue(part.modified),
            ])
        usage.add(ObjectUsage(bytes: part.size), of: upload.owner, in: bucket.text)
        guard let old else { return [] }
        usage.add(-ObjectUsage(bytes: try old.get("size")), of: upload.owner, in: bucket.text)
        return try ObjectRows.release(old.get("content"), transaction)
    }

    static func parts(
        of upload: UploadID, after number: Int = 0, limit: Int = 10_000, _ transaction: borrowing Transaction
    ) throws -> [PartRecord] {
        try transaction.query(
            """
            SELECT number, content, size, tag, checksum, modified FROM object_parts
            WHERE upload = ? AND number > ? ORDER BY number LIMIT ?
            """, [DatabaseValue(upload), DatabaseValue(number), DatabaseValue(limit)]
        ).map { row in
            PartRecord(
                number: try row.get("number"), content: try row.get("content"), size: try row.get("size"),
                tag: try row.get("tag"), checksum: try row.get("checksum"), modified: try row.get("modified"))
        }
    }

    // MARK: Ends

    /// Removes an upload with its parts, but for the bytes of those that are `kept`; the files to remove.
    static func remove(
        _ upload: UploadID, keeping kept: Set<ContentID> = [], _ usage: inout UsageChange,
        _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        var (files, bytes): ([ContentID], Int64) = ([], 0)
        for part in try parts(of: upload, transaction) {
            bytes += part.size
            guard !kept.contains(part.content) else { continue }
            files += try ObjectRows.release(part.content, transaction)
        }
        let row = try transaction.first(
            "SELECT bucket, owner FROM object_uploads WHERE id = ?", [DatabaseValue(upload)])
        if let row {
            usage.add(-ObjectUsage(bytes: bytes), of: try row.get("owner"), in: try row.get("bucket"))
        }
        try transaction.execute("DELETE FROM object_parts WHERE upload = ?", [DatabaseValue(upload)])
        try transaction.execute("DELETE FROM object_uploads WHERE id = ?", [DatabaseValue(upload)])
        return files
    }

    static func removeAll(
        in bucket: BucketName, _ usage: inout UsageChange, _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        var files: [ContentID] = []
        let rows = try transaction.query(
            "SELECT id FROM object_uploads WHERE bucket = ?", [.text(bucket.text)])
        for row in rows { files += try remove(row.get("id"), &usage, transaction) }
        return files
    }

    static func removeAll(
        before time: Timestamp, limit: Int, _ usage: inout UsageChange, _ transaction: borrowing Transaction
    ) throws -> (count: Int, files: [ContentID]) {
        let rows = try transaction.query(
            "SELECT id FROM object_uploads WHERE created_at < ? LIMIT ?",
            [DatabaseValue(time), DatabaseValue(limit)])
        var files: [ContentID] = []
        for row in rows { files += try remove(row.get("id"), &usage, transaction) }
        return (rows.count, files)
    }
}

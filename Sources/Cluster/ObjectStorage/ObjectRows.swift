import Core
import Databases
import Documents
import ObjectModel

/// The rows of objects, within a transaction.
enum ObjectRows {
    static let columns = """
        key, content, size, tag, modified, headers, checksum_algorithm, checksum, version, sequence, owner, attributes
        """

    static func find(
        _ key: ObjectKey, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws -> ObjectRecord? {
        try transaction.first(
            "SELECT \(columns) FROM objects WHERE bucket = ? AND key = ?",
            [.text(bucket.text), .text(key.text)]
        ).map { try record($0) }
    }

    static func put(
        _ record: ObjectRecord, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO objects (bucket, \(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (bucket, key) DO UPDATE SET content = excluded.content, size = excluded.size,
                tag = excluded.tag, modified = excluded.modified, headers = excluded.headers,
                checksum_algorithm = excluded.checksum_algorithm, checksum = excluded.checksum,
                version = excluded.version, sequence = excluded.sequence, owner = excluded.owner,
                attributes = excluded.attributes
            """, try values(record, in: bucket))
    }

    /// Of the bucket and ``columns``.
    static func values(_ record: ObjectRecord, in bucket: BucketName) throws -> [DatabaseValue] {
        [
            .text(bucket.text), .text(record.key.text), DatabaseValue(record.content),
            .integer(record.size), .text(record.tag), DatabaseValue(record.modified),
            .text(text(record.headers)), DatabaseValue(record.checksum?.algorithm.rawValue),
            DatabaseValue(record.checksum?.value), .text(record.version.text), .integer(record.sequence),
            .text(record.owner), .text(try text(record.attributes)),
        ]
    }

    /// Lets go of bytes that no object has any more; the files to remove once this is committed.
    static func release(
        _ content: ContentID, _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        guard try !isUsed(content, transaction) else { return [] }
        let blobs = try transaction.query(
            "SELECT file FROM object_contents WHERE content = ?", [DatabaseValue(content)])
        try transaction.execute("DELETE FROM object_contents WHERE content = ?", [DatabaseValue(content)])
        var files: [ContentID] = []
        for row in blobs {
            if let blob: ContentID = try row.get("file") { files.append(blob) }
        }
        return files
    }

    /// Whether any object, or version of one, has these bytes.
    static func isUsed(_ content: ContentID, _ transaction: borrowing Transaction) throws -> Bool {
        for table in ["objects", "object_versions"] {
            let user = try transaction.first(
                "SELECT content FROM \(table) WHERE content = ? LIMIT 1", [DatabaseValue(content)])
            if user != nil { return true }
        }
        return false
    }

    static func record(_ row: Row) throws -> ObjectRecord {
        let text: String = try row.get(0)
        guard let key = ObjectKey(text) else {
            throw ApolloError(.corrupt, "an object has a key that cannot be one")
        }
        let name: String? = try row.get(6)
        let value: String? = try row.get(7)
        var checksum: ObjectChecksum?
        if let name, let value, let algorithm = ObjectChecksum.Algorithm(rawValue: name) {
            checksum = ObjectChecksum(algorithm, value)
        }
        var record = ObjectRecord(
            key: key, content: try row.get(1), size: try row.get(2), tag: try row.get(3),
            modified: try row.get(4), headers: try headers(row.get(5)), checksum: checksum,
            owner: try row.get(10))
        guard let version = ObjectVersion(parsing: try row.get(8)) else {
            throw ApolloError(.corrupt, "an object has a version that cannot be one")
        }
        record.version = version
        record.sequence = try row.get(9)
        record.attributes = try attributes(row.get(11))
        return record
    }

    static func text(_ attributes: ObjectAttributes) throws -> String {
        guard !attributes.isEmpty else { return "" }
        return String(decoding: try JSONWriter.bytes(encoding: attributes), as: UTF8.self)
    }

    static func attributes(_ text: String) throws -> ObjectAttributes {
        text.isEmpty ? ObjectAttributes() : try JSONReader.decode(from: text.utf8)
    }

    // A list of names and values, one after the other.

    static func text(_ headers: ObjectHeaders) -> String {
        guard !headers.lines.isEmpty else { return "" }
        return JSONValue.array(headers.lines.flatMap { [.string($0.name), .string($0.value)] }).description
    }

    static func headers(_ text: String) throws -> ObjectHeaders {
        guard !text.isEmpty else { return ObjectHeaders() }
        let texts: [String] = try JSONReader.decode(from: text.utf8)
        guard texts.count.isMultiple(of: 2) else {
            throw ApolloError(.corrupt, "the headers of an object are not in pairs")
        }
        return ObjectHeaders(
            stride(from: 0, to: texts.count, by: 2).map { .init(name: texts[$0], value: texts[$0 + 1]) })
    }
}

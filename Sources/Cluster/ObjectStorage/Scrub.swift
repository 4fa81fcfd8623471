import Concurrency
import Core
import Databases
import ObjectModel

/// What a look at all bytes has found.
public struct ScrubReport: Hashable, Sendable {
    /// How many bytes were read and held against their checksums.
    public var bytes: Int64 = 0
    /// What is not what was stored: what is wrong, and the objects that have it.
    public var damages: [String] = []

    public init() {}
}

extension ObjectStore {
    /// Reads all bytes of all objects, and holds them against their checksums, one file after the other. What is damaged stays as it is: it
    /// is told, and never given to who reads it.
    public func scrub() async throws -> ScrubReport {
        var report = ScrubReport()
        var (content, position) = ("", Int64(-1))
        while true {
            let after = (content, position)
            let rows = try await database.read { transaction in
                try transaction.query(
                    """
                    SELECT content, position, file, size, data, checksum FROM object_contents
                    WHERE (content, position) > (?, ?) ORDER BY content, position LIMIT 64
                    """, [.text(after.0), .integer(after.1)])
            }
            for row in rows {
                (content, position) = (try row.get("content"), try row.get("position"))
                report.bytes += try row.get("size")
                if let damage = try await damage(of: row) {
                    report.damages.append(
                        "\(damage), of \(try await owners(of: content).joined(separator: ", "))")
                }
            }
            guard rows.count == 64 else { return report }
        }
    }

    /// What is wrong with bytes; nil where nothing is, or where they are gone with their object.
    private func damage(of row: Row) async throws -> String? {
        guard let file: ContentID = try row.get("file") else {
            do {
                _ = try InlineData.check(row)
                return nil
            } catch let error as ApolloError where error.kind == .corrupt {
                return error.message
            }
        }
        directory.retain([file])
        defer { directory.release([file]) }
        do {
            let reader = try await pool.run("scrub an object") { [directory] in try directory.open(file) }
            guard let reader else {
                let isNamed = try await database.read { transaction in
                    try transaction.first(
                        "SELECT file FROM object_contents WHERE file = ?", [DatabaseValue(file)]) != nil
                }
                return isNamed ? "the file \(file) of an object is missing" : nil
            }
            for block in 0..<BlobFile.blocks(reader.size) {
                try Task.checkCancellation()
                _ = try await pool.run("scrub an object") { try reader.block(block) }
            }
            return nil
        } catch let error as ApolloError where error.kind == .corrupt {
            return error.message
        }
    }

    /// The objects that have these bytes, as far as a few.
    private func owners(of content: String) async throws -> [String] {
        try await database.read { transaction in
            var names: [String] = []
            for table in ["objects", "object_versions"] {
                for row in try transaction.query(
                    "SELECT bucket, key FROM \(table) WHERE content = ? LIMIT 3", [.text(content)])
                {
                    let (bucket, key): (String, String) = (try row.get("bucket"), try row.get("key"))
                    names.append("s3://\(bucket)/\(key)")
                }
            }
            return names.isEmpty ? ["an upload in parts"] : names
        }
    }
}

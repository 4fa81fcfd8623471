import Databases
import ObjectModel

/// How much there is of each owner in each bucket, and the most that there may be, within a transaction.
enum UsageRows {
    static func add(
        _ change: ObjectUsage, _ bucket: String, _ owner: String, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO object_usage (bucket, owner, bytes, objects) VALUES (?, ?, ?, ?)
            ON CONFLICT (bucket, owner) DO UPDATE SET bytes = object_usage.bytes + excluded.bytes,
                objects = object_usage.objects + excluded.objects
            """, [.text(bucket), .text(owner), .integer(change.bytes), .integer(change.objects)])
    }

    static func removeAll(in bucket: BucketName, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM object_usage WHERE bucket = ?", [.text(bucket.text)])
        try set(ObjectQuota(), of: .bucket(bucket.text), transaction)
    }

    private static func column(_ kind: ObjectQuota.Subject.Kind) -> String {
        kind == .bucket ? "bucket" : "owner"
    }

    static func usage(
        of subject: ObjectQuota.Subject, _ transaction: borrowing Transaction
    ) throws -> ObjectUsage {
        let row = try transaction.first(
            """
            SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes,
                CAST(COALESCE(SUM(objects), 0) AS BIGINT) AS objects
            FROM object_usage WHERE \(column(subject.kind)) = ?
            """, [.text(subject.name)])
        return try row.map { ObjectUsage(bytes: try $0.get("bytes"), objects: try $0.get("objects")) }
            ?? ObjectUsage()
    }

    static func quota(
        of subject: ObjectQuota.Subject, _ transaction: borrowing Transaction
    ) throws -> ObjectQuota? {
        try transaction.first(
            "SELECT bytes, objects FROM object_quotas WHERE kind = ? AND name = ?",
            [.text(subject.kind.rawValue), .text(subject.name)]
        ).map { ObjectQuota(bytes: try $0.get("bytes"), objects: try $0.get("objects")) }
    }

    static func set(
        _ quota: ObjectQuota, of subject: ObjectQuota.Subject, _ transaction: borrowing Transaction
    ) throws {
        let key: [DatabaseValue] = [.text(subject.kind.rawValue), .text(subject.name)]
        guard !quota.isEmpty else {
            try transaction.execute("DELETE FROM object_quotas WHERE kind = ? AND name = ?", key)
            return
        }
        try transaction.execute(
            """
            INSERT INTO object_quotas (kind, name, bytes, objects) VALUES (?, ?, ?, ?)
            ON CONFLICT (kind, name) DO UPDATE SET bytes = excluded.bytes, objects = excluded.objects
            """, key + [DatabaseValue(quota.bytes), DatabaseValue(quota.objects)])
    }

    /// Everybody and every bucket that has something, or may not have more than something.
    static func subjects(_ transaction: borrowing Transaction) throws -> Set<ObjectQuota.Subject> {
        var subjects: Set<ObjectQuota.Subject> = []
        for kind in ObjectQuota.Subject.Kind.allCases {
            let rows = try transaction.query(
                """
                SELECT \(column(kind)) AS name FROM object_usage WHERE bytes > 0 OR objects > 0
                UNION SELECT name FROM object_quotas WHERE kind = ?
                """, [.text(kind.rawValue)])
            for row in rows { subjects.insert(.init(kind, try row.get("name"))) }
        }
        return subjects
    }
}

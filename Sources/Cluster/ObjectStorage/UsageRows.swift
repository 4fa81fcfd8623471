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

    /// - Parameter subject: a bucket or an owner: what images have is counted where they are.
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

    /// What all have that have something.
    static func usages(_ transaction: borrowing Transaction) throws -> [ObjectQuota.Subject: ObjectUsage] {
        var usages: [ObjectQuota.Subject: ObjectUsage] = [:]
        for kind in [ObjectQuota.Subject.Kind.bucket, .owner] {
            let rows = try transaction.query(
                """
                SELECT \(column(kind)) AS name, CAST(SUM(bytes) AS BIGINT) AS bytes,
                    CAST(SUM(objects) AS BIGINT) AS objects
                FROM object_usage WHERE bytes > 0 OR objects > 0 GROUP BY \(column(kind))
                """)
            for row in rows {
                usages[.init(kind, try row.get("name"))] = ObjectUsage(
                    bytes: try row.get("bytes"), objects: try row.get("objects"))
            }
        }
        return usages
    }

    static func quotas(_ transaction: borrowing Transaction) throws -> [ObjectQuota.Subject: ObjectQuota] {
        var quotas: [ObjectQuota.Subject: ObjectQuota] = [:]
        for row in try transaction.query("SELECT kind, name, bytes, objects FROM object_quotas") {
            guard let kind = ObjectQuota.Subject.Kind(rawValue: try row.get("kind")) else { continue }
            quotas[.init(kind, try row.get("name"))] = ObjectQuota(
                bytes: try row.get("bytes"), objects: try row.get("objects"))
        }
        return quotas
    }
}

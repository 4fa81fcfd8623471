import Core
import Databases
import ObjectModel

/// What becomes of the version that a write makes, decided before its transaction.
struct VersionStamp: Sendable {
    /// Nil where the bucket never kept versions.
    var versioning: BucketVersioning?
    var id: VersionID
    var now: Timestamp

    /// Gives a record the version that it becomes. Clocks go back and forth: its sequence is always behind `latest`.
    func mark(_ record: inout ObjectRecord, behind latest: Int64) {
        record.version = versioning == .enabled ? .id(id) : .null
        record.sequence = versioning == nil ? 0 : max(now.microseconds, latest + 1)
    }
}

/// The versions of one object, within a transaction: the one that is read is in `objects`, all others, and what says that the object was
/// removed, in `object_versions`.
enum VersionRows {
    private static let columns = ObjectRows.columns + ", marker"

    // MARK: Finding

    /// The version that is named, or the newest. It may say that the object was removed.
    static func find(
        _ key: ObjectKey, _ version: ObjectVersion?, in bucket: BucketName,
        _ transaction: borrowing Transaction
    ) throws -> ObjectRecord? {
        let current = try ObjectRows.find(key, in: bucket, transaction)
        guard let version else { return try current ?? newest(key, in: bucket, transaction) }
        if let current, current.version == version { return current }
        return try transaction.first(
            "SELECT \(columns) FROM object_versions WHERE bucket = ? AND key = ? AND version = ?",
            [.text(bucket.text), .text(key.text), .text(version.text)]
        ).map { try record($0) }
    }

    /// The same of what can be read.
    static func object(
        _ key: ObjectKey, _ version: ObjectVersion?, in bucket: BucketName,
        _ transaction: borrowing Transaction
    ) throws -> ObjectRecord {
        guard let found = try find(key, version, in: bucket, transaction) else {
            throw version == nil ? StoreError.noObject : StoreError.noVersion
        }
        guard !found.isMarker else { throw StoreError.removed(found.version, isNamed: version != nil) }
        return found
    }

    /// The newest of those that are not in `objects`.
    private static func newest(
        _ key: ObjectKey, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws -> ObjectRecord? {
        try transaction.first(
            "SELECT \(columns) FROM object_versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1",
            [.text(bucket.text), .text(key.text)]
        ).map { try record($0) }
    }

    static func record(_ row: Row) throws -> ObjectRecord {
        var record = try ObjectRows.record(row)
        let marker: Int64 = try row.get("marker")
        record.isMarker = marker != 0
        return record
    }

    /// All versions from a place on, by key, and of each key the newest first.
    static func list(
        in bucket: BucketName, _ place: PageFill.Place, limit: Int, _ transaction: borrowing Transaction
    ) throws -> [ObjectRecord] {
        let bound = place.bound
        var condition = "bucket = ? AND key \(bound.isIncluded ? ">=" : ">") ?"
        var values: [DatabaseValue] = [.text(bucket.text), .text(bound.text)]
        // Of the key itself those that are older, where one of its versions is named.
        if let sequence = place.sequence, !bound.isIncluded {
            condition = "bucket = ? AND key >= ? AND (key > ? OR sequence < ?)"
            values += [.text(bound.text), .integer(sequence)]
        }
        let select = { (columns: String, table: String) in
            "SELECT * FROM (SELECT \(columns) FROM \(table) WHERE \(condition) ORDER BY key, sequence DESC LIMIT ?) AS \(table)_page"
        }
        values.append(DatabaseValue(limit))
        return try transaction.query(
            """
            \(select(ObjectRows.columns + ", 0 AS marker", "objects")) UNION ALL \(select(columns, "object_versions"))
            ORDER BY key, sequence DESC LIMIT ?
            """, values + values + [DatabaseValue(limit)]
        ).map { try record($0) }
    }

    // MARK: Writing

    /// Makes `record` the newest version of its key; the files to remove once this is committed.
    static func replace(
        _ record: inout ObjectRecord, in bucket: BucketName, _ stamp: VersionStamp,
        if condition: ObjectCondition, _ usage: inout UsageChange,
        _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        let old = try ObjectRows.find(record.key, in: bucket, transaction)
        try check(condition, old)
        var gone = try giveWay(to: &record, old, in: bucket, stamp, &usage, transaction)
        try ObjectRows.put(record, in: bucket, transaction)
        usage.add(record, in: bucket)
        if let old, old.version == record.version {
            usage.remove(old, in: bucket)
            gone.append(old.content)
        }
        return try gone.flatMap { try ObjectRows.release($0, transaction) }
    }

    /// Removes the newest version, or, where versions are kept, says that it was.
    static func remove(
        _ key: ObjectKey, in bucket: BucketName, _ stamp: VersionStamp, if condition: ObjectCondition,
        by owner: String,
        content: ContentID, _ usage: inout UsageChange, _ transaction: borrowing Transaction
    ) throws -> (Removal, files: [ContentID]) {
        let old = try ObjectRows.find(key, in: bucket, transaction)
        if !condition.isEmpty { try checkRemoval(condition, try find(key, nil, in: bucket, transaction)) }
        guard stamp.versioning != nil else {
            guard let old else { return (Removal(version: nil, isMarker: false), []) }
            try deleteCurrent(key, in: bucket, transaction)
            usage.remove(old, in: bucket)
            return (Removal(version: nil, isMarker: false), try ObjectRows.release(old.content, transaction))
        }
        var marker = ObjectRecord(
            key: key, content: content, size: 0, tag: "", modified: stamp.now, owner: owner)
        marker.isMarker = true
        var gone = try giveWay(to: &marker, old, in: bucket, stamp, &usage, transaction)
        if let old {
            try deleteCurrent(key, in: bucket, transaction)
            if old.version == marker.version {
                usage.remove(old, in: bucket)
                gone.append(old.content)
            }
        }
        try insert(marker, in: bucket, transaction)
        return (
            Removal(version: marker.version, isMarker: true),
            try gone.flatMap { try ObjectRows.release($0, transaction) }
        )
    }

    /// Marks `record`, and puts what it is in front of, or in place of, out of its way. The bytes of what is gone.
    private static func giveWay(
        to record: inout ObjectRecord, _ old: ObjectRecord?, in bucket: BucketName, _ stamp: VersionStamp,
        _ usage: inout UsageChange, _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        guard stamp.versioning != nil else {
            stamp.mark(&record, behind: 0)
            return []
        }
        let latest = try newest(record.key, in: bucket, transaction)
        stamp.mark(&record, behind: max(old?.sequence ?? 0, latest?.sequence ?? 0))
        if let old, old.version != record.version { try insert(old, in: bucket, transaction) }
        guard record.version == .null else { return [] }
        guard let replaced = try deleteVersion(record.key, .null, in: bucket, transaction) else { return [] }
        usage.remove(replaced, in: bucket)
        return [replaced.content]
    }

    /// Removes one version, for good. Where it was the newest, the one before it is from then on.
    ///
    /// - Parameter check: throws where it must not be.
    static func remove(
        _ key: ObjectKey, version: ObjectVersion, in bucket: BucketName, _ usage: inout UsageChange,
        _ transaction: borrowing Transaction,
        check: (ObjectRecord) throws -> Void
    ) throws -> (Removal, files: [ContentID]) {
        guard let found = try find(key, version, in: bucket, transaction) else {
            return (Removal(version: version, isMarker: false), [])
        }
        try check(found)
        usage.remove(found, in: bucket)
        let current = try ObjectRows.find(key, in: bucket, transaction)
        if current?.version == version {
            try deleteCurrent(key, in: bucket, transaction)
        } else {
            _ = try deleteVersion(key, version, in: bucket, transaction)
        }
        if current == nil || current?.version == version { try promote(key, in: bucket, transaction) }
        return (
            Removal(version: version, isMarker: found.isMarker),
            found.isMarker ? [] : try ObjectRows.release(found.content, transaction)
        )
    }

    /// Makes the newest version what is read, unless it says that the object was removed.
    private static func promote(
        _ key: ObjectKey, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        guard let next = try newest(key, in: bucket, transaction), !next.isMarker else { return }
        _ = try deleteVersion(key, next.version, in: bucket, transaction)
        try ObjectRows.put(next, in: bucket, transaction)
    }

    /// Writes what changed of a version, but for its bytes.
    static func update(
        _ record: ObjectRecord, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        let current = try ObjectRows.find(record.key, in: bucket, transaction)
        if current?.version == record.version {
            try ObjectRows.put(record, in: bucket, transaction)
        } else {
            _ = try deleteVersion(record.key, record.version, in: bucket, transaction)
            try insert(record, in: bucket, transaction)
        }
    }

    private static func insert(
        _ record: ObjectRecord, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            "INSERT INTO object_versions (bucket, \(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ObjectRows.values(record, in: bucket) + [.integer(record.isMarker ? 1 : 0)])
    }

    private static func deleteCurrent(
        _ key: ObjectKey, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            "DELETE FROM objects WHERE bucket = ? AND key = ?", [.text(bucket.text), .text(key.text)])
    }

    /// Removes the row of an older version, and returns what it was.
    private static func deleteVersion(
        _ key: ObjectKey, _ version: ObjectVersion, in bucket: BucketName,
        _ transaction: borrowing Transaction
    ) throws -> ObjectRecord? {
        let values: [DatabaseValue] = [.text(bucket.text), .text(key.text), .text(version.text)]
        let condition = "WHERE bucket = ? AND key = ? AND version = ?"
        let row = try transaction.first("SELECT \(columns) FROM object_versions \(condition)", values)
        guard let row else { return nil }
        try transaction.execute("DELETE FROM object_versions \(condition)", values)
        return try record(row)
    }

    static func checkRemoval(_ condition: ObjectCondition, _ old: ObjectRecord?) throws {
        do throws(ObjectCondition.Refusal) { try condition.checkRemoval(old) } catch {
            throw StoreError.conditionFailed
        }
    }

    static func check(_ condition: ObjectCondition, _ old: ObjectRecord?) throws {
        do throws(ObjectCondition.Refusal) { try condition.check(old?.tag) } catch {
            throw error == .missing ? StoreError.noObject : StoreError.conditionFailed
        }
    }
}

import Core
import Databases
public import ObjectModel

/// Versions of objects.
extension ObjectStore {
    /// How a write of now is marked.
    func stamp(_ bucket: BucketName) throws(StoreError) -> VersionStamp {
        VersionStamp(
            versioning: try self.bucket(bucket).settings.versioning, id: environment.identifier(),
            now: environment.wallClock.now)
    }

    /// Changes what is known of an object, but for its bytes. Returns what is from then on.
    ///
    /// - Parameter body: what it throws is thrown.
    @discardableResult
    public func update(
        _ key: ObjectKey, _ version: ObjectVersion?, in bucket: BucketName,
        _ body: @escaping @Sendable (inout ObjectRecord) throws -> Void
    ) async throws -> ObjectRecord {
        try await database.write { transaction in
            var record = try VersionRows.object(key, version, in: bucket, transaction)
            try body(&record)
            try VersionRows.update(record, in: bucket, transaction)
            return record
        }
    }

    /// The parts that an object came in, in their order; one where it came whole.
    public func parts(of record: ObjectRecord) async throws -> [ObjectPart] {
        let rows = try await database.read { transaction in
            try transaction.query(
                "SELECT size, part_checksum FROM object_contents WHERE content = ? ORDER BY position",
                [DatabaseValue(record.content)])
        }
        return try rows.enumerated().map { index, row in
            ObjectPart(number: index + 1, size: try row.get("size"), checksum: try row.get("part_checksum"))
        }
    }

    /// One page of the versions of a bucket's objects.
    ///
    /// - Parameters:
    ///   - marker: the version of the query's `after` that the page before ended with; nil for the last of them.
    ///   - isVisible: whether the caller may know of an object; others are left out.
    public func versions(
        _ query: ListQuery, after marker: VersionMarker? = nil, in bucket: BucketName,
        where isVisible: @escaping @Sendable (ObjectKey) -> Bool
    ) async throws -> VersionPage {
        guard query.limit > 0 else { return VersionPage() }
        return try await database.read { transaction in
            var sequence = marker?.sequence
            if let marker, sequence == nil, let key = ObjectKey(query.after) {
                sequence = try VersionRows.find(key, marker.version, in: bucket, transaction)?.sequence
            }
            var page = VersionPage()
            var last: (key: String, version: VersionMarker?) = ("", nil)
            let hasMore = try PageFill.fill(query, below: sequence, where: isVisible) { place, count in
                try VersionRows.list(in: bucket, place, limit: count, transaction)
            } take: { entry in
                switch entry {
                case .object(let record, let isFirst):
                    page.versions.append(ListedVersion(record: record, isLatest: isFirst))
                    last = (record.key.text, VersionMarker(record))
                case .prefix(let prefix):
                    page.prefixes.append(prefix)
                    last = (prefix, nil)
                }
            }
            if hasMore { (page.nextKey, page.nextVersion) = last }
            return page
        }
    }
}

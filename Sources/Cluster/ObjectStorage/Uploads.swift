public import Core
import Databases
public import ObjectModel
import Synchronization

/// Objects that come in parts: in any order, each as often as its client likes, until they are put together or given up.
extension ObjectStore {
    public func beginUpload(_ upload: UploadRecord, in bucket: BucketName) async throws {
        try await commit(bucket) { transaction, _ in
            // Whoever is over a quota is told before the bytes come.
            try UsageChange.preview(
                ObjectUsage(bytes: 1), of: upload.owner, in: bucket, transaction)
            try UploadRows.insert(upload, in: bucket, transaction)
            return []
        }
    }

    public func upload(_ id: UploadID, _ key: ObjectKey, in bucket: BucketName) async throws -> UploadRecord {
        try await database.read { try UploadRows.find(id, key, in: bucket, $0) }
    }

    /// Gives `content` its place in an upload, in that of an earlier one with its number.
    public func publish(
        _ content: StoredContent, as part: PartRecord, of upload: UploadID, _ key: ObjectKey,
        in bucket: BucketName
    ) async throws {
        defer { directory.end(content.id) }
        do {
            try await commit(bucket) { transaction, usage in
                let record = try UploadRows.find(upload, key, in: bucket, transaction)
                try InlineData.insert(content, transaction)
                return try UploadRows.put(part, of: record, in: bucket, &usage, transaction)
            }
        } catch {
            // As of an object.
            if case .file = content.place, !(error is DatabaseError) { await remove([content.id]) }
            throw error
        }
    }

    public func parts(
        of upload: UploadID, _ key: ObjectKey, in bucket: BucketName, after number: Int, limit: Int
    ) async throws -> (upload: UploadRecord, parts: [PartRecord]) {
        try await database.read { transaction in
            let record = try UploadRows.find(upload, key, in: bucket, transaction)
            return (
                record, try UploadRows.parts(of: upload, after: number, limit: limit, transaction)
            )
        }
    }

    public func uploads(
        in bucket: BucketName, prefix: String, after key: String, _ id: String, limit: Int
    ) async throws -> [UploadRecord] {
        try await database.read {
            try UploadRows.list(in: bucket, prefix: prefix, after: key, id, limit: limit, $0)
        }
    }

    /// Makes the object of the parts that are named, in their order, without moving a byte of them.
    ///
    /// - Parameter describe: the object's tag and checksum, of the parts.
    public func completeUpload(
        _ id: UploadID, _ key: ObjectKey, in bucket: BucketName, of named: [NamedPart],
        if condition: ObjectCondition = .none,
        describe:
            @escaping @Sendable (UploadRecord, [PartRecord]) throws -> (
                tag: String, checksum: ObjectChecksum?
            )
    ) async throws -> ObjectRecord {
        let (content, now) = (environment.identifier(of: ContentKind.self), environment.wallClock.now)
        let stamp = try stamp(bucket)
        let made = Mutex<ObjectRecord?>(nil)
        try await commit(bucket) { transaction, usage in
            let upload: UploadRecord
            do {
                upload = try UploadRows.find(id, key, in: bucket, transaction)
            } catch StoreError.noUpload {
                // It may have been put together before, and the answer lost.
                let current = try ObjectRows.find(key, in: bucket, transaction)
                guard let current, current.attributes.upload == id else { throw StoreError.noUpload }
                made.withLock { $0 = current }
                return []
            }
            let parts = try Self.pick(named, of: try UploadRows.parts(of: id, transaction))
            let (tag, checksum) = try describe(upload, parts)
            var record = ObjectRecord(
                key: key, content: content, size: parts.reduce(0) { $0 + $1.size }, tag: tag, modified: now,
                headers: upload.headers, checksum: checksum, owner: upload.owner)
            record.attributes = upload.attributes
            record.attributes.upload = id
            for (position, part) in parts.enumerated() {
                try transaction.execute(
                    "UPDATE object_contents SET content = ?, position = ?, part_checksum = ? WHERE content = ?",
                    [
                        DatabaseValue(content), DatabaseValue(position), DatabaseValue(part.checksum),
                        DatabaseValue(part.content),
                    ])
            }
            let replaced = try VersionRows.replace(
                &record, in: bucket, stamp, if: condition, &usage, transaction)
            let left = try UploadRows.remove(
                id, keeping: Set(parts.map(\.content)), &usage, transaction)
            let final = record
            made.withLock { $0 = final }
            return replaced + left
        }
        guard let record = made.withLock(\.self) else { throw StoreError.noUpload }
        return record
    }

    /// Gives an upload up.
    public func abortUpload(_ id: UploadID, _ key: ObjectKey, in bucket: BucketName) async throws {
        try await commit(bucket) { transaction, usage in
            _ = try UploadRows.find(id, key, in: bucket, transaction)
            return try UploadRows.remove(id, &usage, transaction)
        }
    }

    /// Gives up uploads that were begun before `time`. Returns how many.
    public func abortUploads(begunBefore time: Timestamp) async throws -> Int {
        var all = 0
        while true {
            let (count, files) = try await database.write { transaction in
                var usage = UsageChange()
                let removed = try UploadRows.removeAll(before: time, limit: 10, &usage, transaction)
                try usage.settle(transaction)
                return removed
            }
            await remove(files)
            all += count
            if count < 10 { return all }
        }
    }

    private static func pick(_ named: [NamedPart], of parts: [PartRecord]) throws -> [PartRecord] {
        let byNumber = Dictionary(uniqueKeysWithValues: parts.map { ($0.number, $0) })
        var picked: [PartRecord] = []
        for name in named {
            if let last = picked.last, name.number <= last.number { throw StoreError.partsOutOfOrder }
            guard let part = byNumber[name.number], part.tag == name.tag,
                name.checksum == nil || name.checksum == part.checksum
            else { throw StoreError.noPart }
            if let last = picked.last, last.size < PartRecord.smallest { throw StoreError.partTooSmall }
            picked.append(part)
        }
        guard !picked.isEmpty else { throw StoreError.noPart }
        return picked
    }
}

public import Core
import Databases
import ObjectModel

/// Objects that go by themselves.
extension ObjectStore {
    /// Removes what the rules of all buckets say goes at `now`. Returns how many versions and uploads went.
    ///
    /// What was changed meanwhile stays, and so does what is locked.
    public func expire(at now: Timestamp) async throws -> Int {
        var count = 0
        for bucket in buckets() {
            guard let rules = bucket.settings.lifecycle, rules.contains(where: \.isEnabled) else { continue }
            let decisions = LifecycleDecisions(rules, day: lifecycleDay)
            count += try await expireObjects(bucket, decisions, at: now)
            count += try await expireUploads(bucket, decisions, at: now)
        }
        return count
    }

    private func expireObjects(
        _ bucket: BucketRecord, _ decisions: LifecycleDecisions, at now: Timestamp
    ) async throws -> Int {
        var (query, marker) = (ListQuery(limit: 1000), VersionMarker?.none)
        // The versions of one key, which may be on several pages.
        var versions: [ObjectRecord] = []
        var count = 0
        while true {
            let page = try await self.versions(query, after: marker, in: bucket.name) { _ in true }
            for item in page.versions {
                if let key = versions.first?.key, key != item.record.key {
                    count += try await remove(decisions.removals(of: versions, at: now), bucket, at: now)
                    versions = []
                }
                versions.append(item.record)
            }
            guard let next = page.nextKey else { break }
            (query.after, marker) = (next, page.nextVersion)
        }
        return try await count + remove(decisions.removals(of: versions, at: now), bucket, at: now)
    }

    private func remove(
        _ removals: [LifecycleDecisions.Removal], _ bucket: BucketRecord, at now: Timestamp
    ) async throws -> Int {
        var count = 0
        for removal in removals {
            do {
                switch removal {
                case .newest(let record):
                    var condition = ObjectCondition(match: record.tag)
                    condition.modified = record.modified
                    let locks = record.attributes.lock ?? ObjectLock()
                    // Where versions are kept nothing is lost by it.
                    guard bucket.settings.hasVersions || locks.allowsRemoval(at: now, bypasses: false) else {
                        continue
                    }
                    try await delete(record.key, in: bucket.name, if: condition, by: record.owner)
                case .version(let record):
                    try await delete(record.key, version: record.version, in: bucket.name, by: record.owner)
                }
                count += 1
            } catch StoreError.conditionFailed {
                // It was replaced meanwhile: what is there now is looked at the next time.
                continue
            } catch StoreError.locked {
                continue
            }
        }
        return count
    }

    private func expireUploads(
        _ bucket: BucketRecord, _ decisions: LifecycleDecisions, at now: Timestamp
    ) async throws -> Int {
        var (key, id, count) = ("", "", 0)
        while true {
            let page = try await uploads(in: bucket.name, prefix: "", after: key, id, limit: 100)
            for upload in page where decisions.gives(up: upload, at: now) {
                do {
                    try await abortUpload(upload.id, upload.key, in: bucket.name)
                    count += 1
                } catch StoreError.noUpload {
                    // It was put together meanwhile.
                    continue
                }
            }
            guard page.count == 100, let last = page.last else { return count }
            (key, id) = (last.key.text, last.id.text)
        }
    }
}

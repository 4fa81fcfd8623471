import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

extension ObjectServer {
    /// How many of one request are removed at a time: their commits share their waits for the disk.
    private static let deletions = 32

    func deleteObjects(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try named(call)
        let request = try DeleteRequest(try await call.document(upTo: 2 << 20))
        let results = await withTaskGroup(of: (place: Int, item: DeleteResult.Item).self) { group in
            var results: [DeleteResult.Item?] = request.items.map { _ in nil }
            for (place, item) in request.items.enumerated() {
                if place >= Self.deletions, let done = await group.next() { results[done.place] = done.item }
                group.addTask { (place, await result(of: item, in: bucket, call)) }
            }
            for await done in group { results[done.place] = done.item }
            return results.compactMap(\.self)
        }
        return .xml(DeleteResult.document(results, isQuiet: request.isQuiet))
    }

    private func result(
        of item: DeleteRequest.Item, in bucket: BucketRecord, _ call: S3Call
    ) async -> DeleteResult.Item {
        do {
            return try await delete(item, in: bucket, call)
        } catch {
            return DeleteResult.Item(key: item.key, version: item.version, error: S3Error(telling: error))
        }
    }

    private func delete(
        _ item: DeleteRequest.Item, in bucket: BucketRecord, _ call: S3Call
    ) async throws -> DeleteResult.Item {
        let key = try S3Call.key(item.key)
        let version = try item.version.map { text throws(S3Error) in
            guard let version = ObjectVersion(parsing: text) else {
                throw S3Error(.noSuchVersion, "The specified version does not exist.")
            }
            return version
        }
        try await authorize(call, .removing(item.key, version), in: bucket)
        var condition = ObjectCondition(match: item.tag)
        try condition.read(size: item.size, modified: item.modified)
        let removal = try await store.delete(
            key, version: version, in: bucket.name, if: condition,
            by: call.caller.owner,
            bypassingGovernance: try await bypassesGovernance(call, key, in: bucket))
        return DeleteResult.Item(
            key: item.key, version: item.version, marker: removal.isMarker ? removal.version?.text : nil)
    }
}

import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

extension ObjectServer {
    func deleteObjects(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try named(call)
        let request = try DeleteRequest(try await call.document(upTo: 2 << 20))
        var results: [DeleteResult.Item] = []
        for item in request.items {
            do {
                results.append(try await delete(item, in: bucket, call))
            } catch {
                results.append(
                    DeleteResult.Item(key: item.key, version: item.version, error: S3Error(telling: error)))
            }
        }
        return .xml(DeleteResult.document(results, isQuiet: request.isQuiet))
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

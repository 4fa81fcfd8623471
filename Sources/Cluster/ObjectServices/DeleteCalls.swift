import Cryptography
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

extension ObjectServer {
    func deleteObjects(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try store.bucket(call.bucketName())
        var digests = try UploadDigests(call.fields)
        let payload = try call.body()
        let body = try await payload.collect(upTo: 2 << 20)
        digests.update(body)
        _ = try digests.finish(trailer: payload.trailer)
        let request = try DeleteRequest(body)
        var results: [(key: String, error: S3Error?)] = []
        for item in request.items {
            do {
                try await delete(item, in: bucket, call)
                results.append((item.key, nil))
            } catch {
                results.append((item.key, S3Error(telling: error)))
            }
        }
        return .xml(DeleteResult.document(results, isQuiet: request.isQuiet))
    }

    private func delete(_ item: DeleteRequest.Item, in bucket: BucketRecord, _ call: S3Call) async throws {
        let key = try S3Call.key(item.key)
        try call.caller.require(
            .write, on: try BlobResource.object(item.key, bucket.name, in: bucket.project))
        if let version = item.version, version != "null" {
            throw S3Error(.notImplemented, "Versions are not implemented.")
        }
        try await store.delete(
            key, in: bucket.name, if: item.tag.map { ObjectCondition(match: $0) } ?? .none)
    }
}

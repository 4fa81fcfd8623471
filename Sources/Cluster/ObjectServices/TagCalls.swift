import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

// Tags of objects and buckets.
extension ObjectServer {
    func objectTagging(_ call: S3Call) async throws -> HTTPResponse {
        var tags: [ObjectTag] = []
        if call.operation == .putObjectTagging {
            tags = try TagDocument.read(try await call.document(), limit: ObjectTag.maximumOfObject)
        }
        let given = tags
        let bucket = try await bucket(
            call, call.operation == .getObjectTagging ? .read : .write, tags: given)
        let (key, version) = (try call.key(), try call.version())
        let record: ObjectRecord
        var response: HTTPResponse
        switch call.operation {
        case .putObjectTagging:
            record = try await store.update(key, version, in: bucket.name) {
                $0.attributes.tags = given.isEmpty ? nil : given
            }
            response = HTTPResponse(.ok)
        case .deleteObjectTagging:
            record = try await store.update(key, version, in: bucket.name) { $0.attributes.tags = nil }
            response = HTTPResponse(.noContent)
        default:
            record = try await store.object(key, version: version, in: bucket.name)
            response = .xml(TagDocument.document(record.attributes.tags ?? []))
        }
        Self.tell(record.version, of: bucket, &response.fields)
        return response
    }

    func bucketTagging(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, call.operation == .getBucketTagging ? .list : .write)
        switch call.operation {
        case .putBucketTagging:
            let tags = try TagDocument.read(
                try await call.document(), limit: ObjectTag.maximumOfBucket)
            try await store.updateBucket(bucket.name) { $0.tags = tags }
            return HTTPResponse(.noContent)
        case .deleteBucketTagging:
            try await store.updateBucket(bucket.name) { $0.tags = nil }
            return HTTPResponse(.noContent)
        default:
            guard let tags = bucket.settings.tags else {
                throw S3Error(.noSuchTagSet, "The TagSet does not exist")
            }
            return .xml(TagDocument.document(tags))
        }
    }

    /// The tags that a request gives an object with it, in a field of the form of a query.
    static func tags(_ fields: HTTPFields) throws(S3Error) -> [ObjectTag]? {
        guard let text = fields["x-amz-tagging"] else { return nil }
        guard let query = RequestQuery(Substring(text)) else {
            throw S3Error(
                .invalidArgument,
                "The field x-amz-tagging has the form of a query: name=value&name=value"
            )
        }
        let tags = query.items.map { ObjectTag($0.name, $0.value) }
        try TagDocument.check(tags, limit: ObjectTag.maximumOfObject)
        return tags.isEmpty ? nil : tags.sorted { $0.name < $1.name }
    }
}

import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

// When objects of a bucket go by themselves.
extension ObjectServer {
    func bucketLifecycle(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getBucketLifecycle
        let bucket = try await bucket(call, isReading ? .list : .write)
        switch call.operation {
        case .putBucketLifecycle:
            let rules = try LifecycleDocument.read(try await call.document()) {
                environment.identifier(of: ContentKind.self).text
            }
            try await store.updateBucket(bucket.name) { $0.lifecycle = rules }
            return HTTPResponse(.ok)
        case .deleteBucketLifecycle:
            try await store.updateBucket(bucket.name) { $0.lifecycle = nil }
            return HTTPResponse(.noContent)
        default:
            guard let rules = bucket.settings.lifecycle else {
                throw S3Error(
                    .noSuchLifecycleConfiguration, "The lifecycle configuration does not exist")
            }
            return .xml(LifecycleDocument.document(rules))
        }
    }

    /// Says when an object goes by itself.
    func tellExpiry(_ record: ObjectRecord, of bucket: BucketRecord, _ fields: inout HTTPFields) {
        guard let rules = bucket.settings.lifecycle,
            let expiry = LifecycleDecisions(rules, day: store.lifecycleDay).expiry(of: record)
        else { return }
        let rule = expiry.rule.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? expiry.rule : ""
        fields["x-amz-expiration"] = "expiry-date=\"\(HTTPDate.text(expiry.time))\", rule-id=\"\(rule)\""
    }
}

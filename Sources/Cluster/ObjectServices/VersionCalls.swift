import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

extension ObjectServer {
    func putBucketVersioning(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let versioning = try VersioningDocument.read(try await call.document())
        try await store.updateBucket(bucket.name) { settings in
            guard versioning == .enabled || settings.lock == nil else {
                throw S3Error(
                    .invalidBucketState,
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
                )
            }
            settings.versioning = versioning
        }
        return HTTPResponse(.ok)
    }

    func listVersions(_ call: S3Call) async throws -> HTTPResponse {
        let (bucket, query, isEncoded, basis) = try await listing(call, from: "key-marker")
        let marker = call.query["version-id-marker"].flatMap { $0.isEmpty ? nil : $0 }
        if marker != nil, query.after.isEmpty {
            throw S3Error(.invalidArgument, "A version-id marker cannot be specified without a key marker.")
        }
        let place = marker.flatMap { VersionMarker(parsing: $0) }
        if marker != nil, place == nil { throw S3Call.noSuchVersionID }
        let page = try await store.versions(
            query, after: place, in: bucket.name,
            where: visible(call, bucket, basis, prefix: query.prefix))
        let request = ListDocuments.Request(
            bucket: bucket.name.text, query: query, isSecond: false, isEncoded: isEncoded, given: query.after,
            token: nil, hasOwner: true)
        return .xml(
            ListDocuments.versions(page, request, marker: marker, owner: S3Owner.id(bucket.createdBy)) {
                PercentEncoding.encode($0, keepsSlash: true)
            })
    }

    /// Says which version a write has made, where its bucket keeps versions.
    static func tellNew(_ version: ObjectVersion, _ fields: inout HTTPFields) {
        if version != .null { fields["x-amz-version-id"] = version.text }
    }

    /// Says which version of an object an answer is about, where its bucket keeps versions or once did.
    static func tell(_ version: ObjectVersion, of bucket: BucketRecord, _ fields: inout HTTPFields) {
        guard bucket.settings.hasVersions || version != .null else { return }
        fields["x-amz-version-id"] = version.text
    }
}

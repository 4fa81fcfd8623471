import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

extension ObjectServer {
    func listBuckets(_ call: S3Call) throws -> HTTPResponse {
        let visible = try store.buckets().filter {
            call.caller.may(.list, on: try BlobResource.bucket($0.name.text, in: $0.project))
        }
        return .xml(ListDocuments.buckets(visible, owner: call.caller.owner))
    }

    func createBucket(_ call: S3Call) async throws -> HTTPResponse {
        let name = try call.bucketName()
        let project = call.caller.project
        try call.caller.require(.write, on: try BlobResource.bucket(name.text, in: project))
        // Where the bucket should be is read, so that it is well-formed, and means nothing: there is one region.
        let body = try await call.body().collect(upTo: 64 << 10)
        if !body.isEmpty {
            do throws(XMLError) { _ = try XMLReader.read(body) } catch {
                throw S3Error(.malformedXML, "The XML you provided was not well-formed: \(error.reason)")
            }
        }
        do {
            try await access.adding(to: project) {
                try await store.createBucket(
                    name, project: project, by: call.caller.credential.principal.description)
            }
        } catch StoreError.bucketExists(let other) where other == project {
            throw S3Error(
                .bucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it.")
        }
        return HTTPResponse(.ok, fields: HTTPFields(["Location": "/\(name)"]))
    }

    func deleteBucket(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try bucket(call, .write)
        try await store.deleteBucket(bucket.name)
        return HTTPResponse(.noContent)
    }

    func headBucket(_ call: S3Call) throws -> HTTPResponse {
        _ = try bucket(call, .list)
        return HTTPResponse(.ok, fields: HTTPFields(["x-amz-bucket-region": Self.region]))
    }

    /// What clients ask about a bucket, and what is the same of all.
    func describeBucket(_ call: S3Call) throws -> HTTPResponse {
        let bucket = try bucket(call, call.operation == .getBucketACL ? .read : .list)
        switch call.operation {
        case .getBucketLocation: return .xml(BucketDocuments.location(Self.region))
        case .getBucketVersioning: return .xml(VersioningDocument.document(bucket.settings.versioning))
        case .getBucketACL: return .xml(BucketDocuments.ownership(S3Owner.id(bucket.createdBy)))
        case .getBucketPolicy: throw S3Error(.noSuchBucketPolicy, "The bucket policy does not exist")
        default:
            throw S3Error(.noSuchLifecycleConfiguration, "The lifecycle configuration does not exist")
        }
    }

    func getObjectACL(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try bucket(call, .read)
        let record = try await store.object(call.key(), version: call.version(), in: bucket.name)
        return .xml(
            BucketDocuments.ownership(record.owner.isEmpty ? S3Owner.id(bucket.createdBy) : record.owner))
    }
}

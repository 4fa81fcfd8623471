import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

extension ObjectServer {
    func listBuckets(_ call: S3Call) throws -> HTTPResponse {
        guard call.caller.credential != nil else {
            throw S3Error(.accessDenied, "Access Denied: the request is not signed")
        }
        let visible = try store.buckets().filter {
            call.caller.may(.list, on: try BlobResource.bucket($0.name.text, in: $0.project))
        }
        let (prefix, token) = (call.query["prefix"], call.query["continuation-token"])
        guard let limit = Int(call.query["max-buckets"] ?? "10000"), (1...10_000).contains(limit) else {
            throw S3Error(.invalidArgument, "max-buckets is 1 to 10000")
        }
        let found = visible.filter { $0.name.text.hasPrefix(prefix ?? "") && $0.name.text > token ?? "" }
        let page = Array(found.prefix(limit))
        return .xml(
            ListDocuments.buckets(
                page, owner: call.caller.owner, prefix: prefix,
                next: found.count > page.count ? page.last?.name.text : nil))
    }

    func createBucket(_ call: S3Call) async throws -> HTTPResponse {
        let name = try call.bucketName()
        let project = call.caller.project
        try call.caller.require(.write, on: try BlobResource.bucket(name.text, in: project))
        guard let principal = call.caller.credential?.principal.description else {
            throw S3Error(.accessDenied, "Access Denied: the request is not signed")
        }
        var settings = BucketSettings()
        let owner = call.caller.owner
        settings.access = try list(call.fields, owner: owner, bucketOwner: owner)
        if settings.access == .onlyOwner(owner) { settings.access = nil }
        if settings.access != nil {
            // To give to others is to grant.
            try call.caller.require(.manage, on: try BlobResource.bucket(name.text, in: project))
        }
        if let text = call.fields["x-amz-object-ownership"] {
            guard let ownership = ObjectOwnership(rawValue: text) else {
                throw S3Error(.invalidArgument, "Invalid x-amz-object-ownership header: \(text.prefix(40))")
            }
            guard ownership != .enforced || settings.access == nil else {
                throw S3Error(
                    .invalidBucketAclWithObjectOwnership,
                    "A bucket whose owner owns all objects has no ACL.")
            }
            settings.ownership = ownership
        }
        if call.fields["x-amz-bucket-object-lock-enabled"]?.lowercased() == "true" {
            (settings.versioning, settings.lock) = (.enabled, BucketLock())
        }
        let made = settings
        // Where the bucket should be is read, so that it is well-formed, and means nothing: there is one region.
        let body = try await call.body().collect(upTo: 64 << 10)
        if !body.isEmpty {
            do throws(XMLError) { _ = try XMLReader.read(body) } catch {
                throw S3Error(.malformedXML, "The XML you provided was not well-formed: \(error.reason)")
            }
        }
        do {
            try await access.adding(to: project) {
                try await store.createBucket(name, project: project, by: principal, settings: made)
            }
        } catch StoreError.bucketExists(let other) where other == project {
            // To make it again is no failure in this region, unless it should become another.
            guard try store.bucket(name).settings.access == made.access else {
                throw StoreError.bucketExists(project: other)
            }
        }
        return HTTPResponse(.ok, fields: HTTPFields(["Location": "/\(name)"]))
    }

    func deleteBucket(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        try await store.deleteBucket(bucket.name)
        policies.forget(bucket.name)
        return HTTPResponse(.noContent)
    }

    func headBucket(_ call: S3Call) async throws -> HTTPResponse {
        _ = try await bucket(call, .list)
        return HTTPResponse(.ok, fields: HTTPFields(["x-amz-bucket-region": Self.region]))
    }

    /// What clients ask about a bucket, and what is the same of all.
    func describeBucket(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .list)
        switch call.operation {
        case .getBucketLocation: return .xml(BucketDocuments.location(Self.region))
        default: return .xml(VersioningDocument.document(bucket.settings.versioning))
        }
    }
}

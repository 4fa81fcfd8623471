import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectPolicies
import ObjectStorage
import S3Messages

// Access lists, policies, and what bounds them.
extension ObjectServer {
    private static let grantFields: KeyValuePairs<String, AccessList.Permission> = [
        "x-amz-grant-read": .read, "x-amz-grant-write": .write, "x-amz-grant-read-acp": .readList,
        "x-amz-grant-write-acp": .writeList, "x-amz-grant-full-control": .full,
    ]

    /// The list that the fields of a request give; nil where they give none.
    func list(_ fields: HTTPFields, owner: String, bucketOwner: String) throws(S3Error) -> AccessList? {
        var grants: [AccessList.Grant] = []
        for (name, permission) in Self.grantFields {
            for value in fields.values(name) {
                grants += try AccessDocument.grants(value, permission, isKnown: isKnown)
            }
        }
        guard let canned = fields["x-amz-acl"] else {
            return grants.isEmpty ? nil : try AccessDocument.checked(grants)
        }
        guard grants.isEmpty else {
            throw S3Error(
                .invalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed")
        }
        guard let list = AccessList(canned: canned, owner: owner, bucketOwner: bucketOwner) else {
            throw S3Error(.invalidArgument, "There is no ACL '\(canned.prefix(40))'.")
        }
        return list
    }

    /// Whose a new object of `call` is, and who else may what with it.
    ///
    /// - Throws: where the caller may not give it to others.
    func newAccess(
        _ call: S3Call, in bucket: BucketRecord, _ basis: Basis
    ) async throws -> (owner: String, list: AccessList?) {
        let bucketOwner = S3Owner.id(bucket.createdBy)
        let canned = call.fields["x-amz-acl"]
        switch bucket.settings.ownership {
        case .enforced:
            let isNamed = Self.grantFields.contains { call.fields.contains($0.key) }
            guard !isNamed, canned == nil || canned == "bucket-owner-full-control" else {
                throw Self.listsAreOff
            }
            return (bucketOwner, nil)
        case .preferred where canned == "bucket-owner-full-control": return (bucketOwner, nil)
        case .preferred, .writer, nil: break
        }
        let owner = call.caller.owner
        // What somebody writes whom the platform lets is the platform's to give; others own what is theirs.
        let own = basis == .own && call.caller.name != nil ? AccessList.onlyOwner(owner) : nil
        guard let list = try list(call.fields, owner: owner, bucketOwner: bucketOwner) else {
            return (owner, own)
        }
        try refusePublic(list, in: bucket)
        // To give to others is to grant.
        let known: Set<AccessList.Grantee> = [.principal(owner), .principal(bucketOwner)]
        if list.grants.contains(where: { !known.contains($0.grantee) }) {
            var need = AccessNeed(permission: .manage, action: "s3:PutObjectAcl", key: call.address.key)
            need.list = .bucket(.write)
            try await authorize(call, need, in: bucket)
        }
        return (owner, list == .onlyOwner(owner) ? own : list)
    }

    static let listsAreOff = S3Error(.accessControlListNotSupported, "The bucket does not allow ACLs")

    private func refusePublic(_ list: AccessList, in bucket: BucketRecord) throws(S3Error) {
        guard list.isPublic, bucket.settings.publicAccess?.refusesLists ?? false else { return }
        throw S3Error(.accessDenied, "Access Denied: the bucket takes no ACL that is for everybody")
    }

    func bucketACL(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getBucketACL
        let bucket = try await bucket(call, isReading ? .read : .manage)
        let owner = S3Owner.id(bucket.createdBy)
        guard !isReading else {
            return .xml(AccessDocument.document(bucket.settings.access ?? .onlyOwner(owner), owner: owner))
        }
        let list = try await givenList(call, owner: owner, in: bucket)
        try await store.updateBucket(bucket.name) { $0.access = list == .onlyOwner(owner) ? nil : list }
        return HTTPResponse(.ok)
    }

    func objectACL(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getObjectACL
        let bucket = try await bucket(call, isReading ? .read : .manage)
        let (key, version) = (try call.key(), try call.version())
        let record = try await store.object(key, version: version, in: bucket.name)
        let owner = record.owner.isEmpty ? S3Owner.id(bucket.createdBy) : record.owner
        var response: HTTPResponse
        if isReading {
            response = .xml(
                AccessDocument.document(record.attributes.access ?? .onlyOwner(owner), owner: owner))
        } else {
            let list = try await givenList(call, owner: owner, in: bucket)
            try await store.update(key, version, in: bucket.name) {
                $0.attributes.access = list == .onlyOwner(owner) ? nil : list
            }
            response = HTTPResponse(.ok)
        }
        Self.tell(record.version, of: bucket, &response.fields)
        return response
    }

    /// The list of a request to set one: in its fields, or as its body.
    private func givenList(
        _ call: S3Call, owner: String, in bucket: BucketRecord
    ) async throws -> AccessList {
        guard bucket.settings.ownership != .enforced else { throw Self.listsAreOff }
        let body = try await call.document()
        let list =
            try list(call.fields, owner: owner, bucketOwner: S3Owner.id(bucket.createdBy))
            ?? AccessDocument.read(body, owner: owner, isKnown: isKnown)
        try refusePublic(list, in: bucket)
        return list
    }

    // MARK: Policies

    func bucketPolicy(_ call: S3Call) async throws -> HTTPResponse {
        switch call.operation {
        case .putBucketPolicy:
            let bucket = try await bucket(call, .manage)
            let bytes = try await call.document(upTo: 64 << 10)
            let policy: BucketPolicy
            do throws(PolicyError) { policy = try BucketPolicy(bytes, bucket: bucket.name.text) } catch {
                throw S3Error(.malformedPolicy, "This policy cannot be held to: \(error.reason)")
            }
            if policy.isPublic, bucket.settings.publicAccess?.refusesPolicies ?? false {
                throw S3Error(
                    .accessDenied, "Access Denied: the bucket takes no policy that is for everybody")
            }
            let text = String(decoding: bytes, as: UTF8.self)
            try await store.updateBucket(bucket.name) { $0.policy = text }
            return HTTPResponse(.noContent)
        case .deleteBucketPolicy:
            let bucket = try await bucket(call, .manage)
            try await store.updateBucket(bucket.name) { $0.policy = nil }
            return HTTPResponse(.noContent)
        case .getPolicyStatus:
            let bucket = try await bucket(call, .read)
            let isPublic = try policies.policy(of: bucket)?.isPublic ?? false
            return .xml(
                PublicAccessDocument.status(isPublic: isPublic || bucket.settings.access?.isPublic ?? false))
        default:
            let bucket = try await bucket(call, .read)
            guard let policy = bucket.settings.policy else {
                throw S3Error(.noSuchBucketPolicy, "The bucket policy does not exist")
            }
            return HTTPResponse(
                .ok, fields: HTTPFields(["Content-Type": "application/json"]),
                body: .bytes(Array(policy.utf8)))
        }
    }

    func publicAccess(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getPublicAccess
        let bucket = try await bucket(call, isReading ? .read : .manage)
        switch call.operation {
        case .putPublicAccess:
            let block = try PublicAccessDocument.read(try await call.document())
            try await store.updateBucket(bucket.name) { $0.publicAccess = block }
            return HTTPResponse(.ok)
        case .deletePublicAccess:
            try await store.updateBucket(bucket.name) { $0.publicAccess = nil }
            return HTTPResponse(.noContent)
        default:
            guard let block = bucket.settings.publicAccess else {
                throw S3Error(
                    .noSuchPublicAccessBlockConfiguration,
                    "The public access block configuration was not found")
            }
            return .xml(PublicAccessDocument.document(block))
        }
    }

    func ownership(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getOwnership
        let bucket = try await bucket(call, isReading ? .read : .manage)
        switch call.operation {
        case .putOwnership:
            let ownership = try OwnershipDocument.read(try await call.document())
            try await store.updateBucket(bucket.name) { settings in
                guard ownership != .enforced || settings.access == nil else {
                    throw S3Error(
                        .invalidBucketAclWithObjectOwnership,
                        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")
                }
                settings.ownership = ownership
            }
            return HTTPResponse(.ok)
        case .deleteOwnership:
            try await store.updateBucket(bucket.name) { $0.ownership = nil }
            return HTTPResponse(.noContent)
        default:
            guard let ownership = bucket.settings.ownership else {
                throw S3Error(.ownershipControlsNotFound, "The bucket ownership controls were not found")
            }
            return .xml(OwnershipDocument.document(ownership))
        }
    }
}

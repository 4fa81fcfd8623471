import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectPolicies
import ObjectStorage
import S3Messages
import S3Signatures
import Synchronization

/// Policies as they were read, by their buckets.
final class PolicyCache: Sendable {
    private let policies = Mutex<[BucketName: (text: String, policy: BucketPolicy)]>([:])

    /// The policy of `bucket`; nil where it has none.
    func policy(of bucket: BucketRecord) throws -> BucketPolicy? {
        guard let text = bucket.settings.policy else { return nil }
        // By what it says: a bucket that is made anew under its name begins with the same revisions.
        if let known = policies.withLock({ $0[bucket.name] }), known.text == text { return known.policy }
        do throws(PolicyError) {
            let policy = try BucketPolicy(Array(text.utf8), bucket: bucket.name.text)
            policies.withLock { $0[bucket.name] = (text, policy) }
            return policy
        } catch {
            throw ApolloError(
                .corrupt, "the policy of the bucket '\(bucket.name)' cannot be read: \(error.reason)")
        }
    }

    /// Drops what is known of a bucket that is gone.
    func forget(_ bucket: BucketName) { policies.withLock { $0[bucket] = nil } }
}

// Who may what: the platform's grants, and what a bucket's policy and the access lists add to them and take away.
extension ObjectServer {
    /// What allowed something.
    enum Basis: Hashable, Sendable {
        /// A grant.
        case platform
        /// What the bucket, or the object, says itself.
        case own
    }

    /// The bucket of a call, where the caller may do what the call is about.
    func bucket(_ call: S3Call, _ permission: Permission, tags: [ObjectTag]? = nil) async throws
        -> BucketRecord
    {
        try await writable(call, permission, tags: tags).bucket
    }

    /// The same, and what allows it.
    func writable(
        _ call: S3Call, _ permission: Permission, tags: [ObjectTag]? = nil
    ) async throws -> (bucket: BucketRecord, basis: Basis) {
        let bucket = try named(call)
        let version = try call.version()
        let basis = try await authorize(
            call,
            AccessNeed(
                permission: permission, action: call.operation.action(version), list: call.operation.list,
                key: call.address.key, version: version, tags: try tags ?? Self.tags(call.fields) ?? []),
            in: bucket)
        return (bucket, basis)
    }

    /// The bucket that a call names, which has to be whose the call says it is.
    func named(_ call: S3Call) throws -> BucketRecord {
        let bucket = try store.bucket(call.bucketName())
        if let owner = call.fields["x-amz-expected-bucket-owner"], owner != S3Owner.id(bucket.createdBy) {
            throw S3Error(.accessDenied, "Access Denied: the bucket is not of \(owner.prefix(80))")
        }
        return bucket
    }

    /// - Throws: ``S3Error`` with `AccessDenied` unless the caller may.
    @discardableResult
    func authorize(_ call: S3Call, _ need: AccessNeed, in bucket: BucketRecord) async throws -> Basis {
        let caller = call.caller
        let resource =
            try need.key.map { try BlobResource.object($0, bucket.name, in: bucket.project) }
            ?? BlobResource.prefix(need.prefix ?? "", bucket.name, in: bucket.project)
        let holds = caller.may(need.permission, on: resource)
        let policy = try policies.policy(of: bucket)
        let decision = try await decide(policy, call, need, in: bucket)
        if decision == .denied {
            guard holds, call.operation.mendsPolicies else {
                throw S3Error(.accessDenied, "Access Denied: the bucket's policy denies \(need.action)")
            }
        }
        if holds { return .platform }
        let block = bucket.settings.publicAccess
        if caller.leavesOpen(need.permission, on: resource) {
            let counts = !(block?.ignoresPolicy ?? false) || !(policy?.isPublic ?? false)
            if decision == .allowed, counts { return .own }
            if try await listAllows(call, need, in: bucket) { return .own }
        }
        try caller.require(need.permission, on: resource)
        return .platform
    }

    private func decide(
        _ policy: BucketPolicy?, _ call: S3Call, _ need: AccessNeed, in bucket: BucketRecord
    ) async throws -> PolicyDecision {
        guard let policy else { return .silent }
        var context = PolicyContext(call, need, isSecure: isSecure, at: environment.wallClock.now).values
        if policy.mentions("s3:existingobjecttag/"), let key = need.key.flatMap({ ObjectKey($0) }) {
            for tag in try await existingTags(key, need.version, in: bucket) {
                context["s3:existingobjecttag/\(tag.name.lowercased())"] = [tag.value]
            }
        }
        return policy.decide(
            PolicyRequest(
                principal: call.caller.name, action: need.action,
                resource: PolicyRequest.resource(bucket.name.text, need.key), context: context))
    }

    private func existingTags(
        _ key: ObjectKey, _ version: ObjectVersion?, in bucket: BucketRecord
    ) async throws -> [ObjectTag] {
        do {
            return try await store.object(key, version: version, in: bucket.name).attributes.tags ?? []
        } catch is StoreError {
            // What is not there has none.
            return []
        }
    }

    // MARK: Lists

    private func listAllows(
        _ call: S3Call, _ need: AccessNeed, in bucket: BucketRecord
    ) async throws -> Bool {
        guard bucket.settings.ownership != .enforced, let list = need.list else { return false }
        switch list {
        case .bucket(let permission): return bucketAllows(call, permission, bucket)
        case .object(let permission):
            guard let key = need.key.flatMap({ ObjectKey($0) }) else { return false }
            let record: ObjectRecord
            do {
                record = try await store.object(key, version: need.version, in: bucket.name)
            } catch is StoreError {
                // Who may list the bucket may be told that there is none.
                return try await mayList(call, need, in: bucket)
            }
            let ignores = bucket.settings.publicAccess?.ignoresLists ?? false
            if record.attributes.access?.allows(call.caller.name, permission, ignoringPublic: ignores)
                ?? false
            {
                return true
            }
            return false
        }
    }

    private func bucketAllows(_ call: S3Call, _ permission: AccessList.Permission, _ bucket: BucketRecord)
        -> Bool
    {
        bucket.settings.access?.allows(
            call.caller.name, permission, ignoringPublic: bucket.settings.publicAccess?.ignoresLists ?? false)
            ?? false
    }

    private func mayList(_ call: S3Call, _ need: AccessNeed, in bucket: BucketRecord) async throws -> Bool {
        if bucketAllows(call, .read, bucket) { return true }
        let listing = AccessNeed(permission: .list, action: "s3:ListBucket", prefix: need.key)
        return try await decide(try policies.policy(of: bucket), call, listing, in: bucket) == .allowed
    }

    /// Whether the caller may know of an object that a listing of what begins with `prefix` has.
    func visible(
        _ call: S3Call, _ bucket: BucketRecord, _ basis: Basis, prefix: String
    ) -> @Sendable (ObjectKey) -> Bool {
        let caller = call.caller
        let mayKnow: @Sendable (ResourceURI) -> Bool = { resource in
            basis == .own ? caller.leavesOpen(.list, on: resource) : caller.may(.list, on: resource)
        }
        // Where no grant tells the objects apart one answer is that of all.
        if let all = try? BlobResource.prefix(prefix, bucket.name, in: bucket.project),  // Else as below.
            caller.isTreatedAlike(below: all)
        {
            let answer = mayKnow(all)
            return { _ in answer }
        }
        return { key in
            // Of a bucket whose URI cannot be written down nobody has a right.
            guard let resource = try? BlobResource.object(key.text, bucket.name, in: bucket.project) else {
                return false
            }
            return mayKnow(resource)
        }
    }
}

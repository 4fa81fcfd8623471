import HTTPModel
import S3Signatures

/// What a request wants of the store.
enum S3Operation: String, Hashable, Sendable, CaseIterable {
    case listBuckets, createBucket, deleteBucket, headBucket, listObjects, listObjectsV2, listVersions,
        deleteObjects
    case getBucketLocation, getBucketVersioning, putBucketVersioning, getBucketACL, putBucketACL
    case getBucketTagging, putBucketTagging, deleteBucketTagging
    case getBucketCORS, putBucketCORS, deleteBucketCORS
    case getBucketPolicy, putBucketPolicy, deleteBucketPolicy, getPolicyStatus
    case getBucketLifecycle, putBucketLifecycle, deleteBucketLifecycle
    case getBucketObjectLockConfiguration, putBucketObjectLockConfiguration
    case getBucketEncryption, putBucketEncryption, deleteBucketEncryption
    case getObjectRetention, putObjectRetention, getObjectLegalHold, putObjectLegalHold
    case getPublicAccess, putPublicAccess, deletePublicAccess, getOwnership, putOwnership, deleteOwnership
    case getObject, headObject, putObject, copyObject, deleteObject, getObjectACL, putObjectACL,
        getObjectAttributes, postObject
    case getObjectTagging, putObjectTagging, deleteObjectTagging
    case createUpload, uploadPart, copyPart, completeUpload, abortUpload, listParts, listUploads
    /// What a browser asks before it sends a request of a page from elsewhere.
    case preflight
    /// Known to S3, and not to this store.
    case unsupported
    /// A method that nothing takes.
    case notAllowed

    /// Parameters that make another call of a request.
    private static let subresources: Set<String> = [
        "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering",
        "inventory", "legal-hold", "lifecycle", "location", "logging", "metrics", "notification",
        "object-lock",
        "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication",
        "requestPayment", "restore", "retention", "select", "tagging", "torrent", "uploadId", "uploads",
        "versioning", "versions", "website",
    ]

    init(_ method: HTTPMethod, hasBucket: Bool, hasKey: Bool, _ query: RequestQuery, isCopy: Bool) {
        let sub = query.items.first { Self.subresources.contains($0.name) }?.name
        if method == .options {
            self = hasBucket ? .preflight : .notAllowed
        } else if hasKey {
            self =
                Self.onUpload(method, query, isCopy) ?? Self.onObject(method, sub, isCopy)
        } else if hasBucket {
            self = Self.onBucket(method, sub, query)
        } else {
            self = method == .get ? .listBuckets : .notAllowed
        }
    }

    private static func onObject(_ method: HTTPMethod, _ sub: String?, _ isCopy: Bool) -> S3Operation {
        switch (method, sub) {
        case (.get, nil): .getObject
        case (.head, nil): .headObject
        case (.put, nil): isCopy ? .copyObject : .putObject
        case (.delete, nil): .deleteObject
        case (.get, "acl"): .getObjectACL
        case (.put, "acl"): .putObjectACL
        case (.get, "retention"): .getObjectRetention
        case (.put, "retention"): .putObjectRetention
        case (.get, "legal-hold"): .getObjectLegalHold
        case (.put, "legal-hold"): .putObjectLegalHold
        case (.get, "attributes"): .getObjectAttributes
        case (.get, "tagging"): .getObjectTagging
        case (.put, "tagging"): .putObjectTagging
        case (.delete, "tagging"): .deleteObjectTagging
        case (_, nil): .notAllowed
        default: .unsupported
        }
    }

    /// Nil for what is about no upload in parts.
    private static func onUpload(
        _ method: HTTPMethod, _ query: RequestQuery, _ isCopy: Bool
    ) -> S3Operation? {
        if method == .post, query.contains("uploads") { return .createUpload }
        guard query.contains("uploadId") else { return nil }
        switch method {
        case .put: return query.contains("partNumber") ? (isCopy ? .copyPart : .uploadPart) : .notAllowed
        case .post: return .completeUpload
        case .delete: return .abortUpload
        case .get: return .listParts
        default: return .notAllowed
        }
    }

    private static func onBucket(
        _ method: HTTPMethod, _ sub: String?, _ query: RequestQuery
    ) -> S3Operation {
        switch (method, sub) {
        case (.get, nil): query["list-type"] == "2" ? .listObjectsV2 : .listObjects
        case (.head, nil): .headBucket
        case (.put, nil): .createBucket
        case (.delete, nil): .deleteBucket
        case (.post, "delete"): .deleteObjects
        case (.post, nil): .postObject
        case (_, nil): .notAllowed
        case (_, let sub?): settings[sub]?[method] ?? .unsupported
        }
    }

    /// What is asked about a bucket, and set of it.
    private static let settings: [String: [HTTPMethod: S3Operation]] = [
        "uploads": [.get: .listUploads],
        "versions": [.get: .listVersions],
        "location": [.get: .getBucketLocation],
        "versioning": [.get: .getBucketVersioning, .put: .putBucketVersioning],
        "acl": [.get: .getBucketACL, .put: .putBucketACL],
        "policy": [.get: .getBucketPolicy, .put: .putBucketPolicy, .delete: .deleteBucketPolicy],
        "policyStatus": [.get: .getPolicyStatus],
        "publicAccessBlock": [.get: .getPublicAccess, .put: .putPublicAccess, .delete: .deletePublicAccess],
        "ownershipControls": [.get: .getOwnership, .put: .putOwnership, .delete: .deleteOwnership],
        "cors": [.get: .getBucketCORS, .put: .putBucketCORS, .delete: .deleteBucketCORS],
        "lifecycle": [.get: .getBucketLifecycle, .put: .putBucketLifecycle, .delete: .deleteBucketLifecycle],
        "encryption": [
            .get: .getBucketEncryption, .put: .putBucketEncryption, .delete: .deleteBucketEncryption,
        ],
        "object-lock": [.get: .getBucketObjectLockConfiguration, .put: .putBucketObjectLockConfiguration],
        "tagging": [.get: .getBucketTagging, .put: .putBucketTagging, .delete: .deleteBucketTagging],
    ]

    /// Whether it is recorded who asked for it.
    var isChange: Bool {
        switch self {
        case .createBucket, .deleteBucket, .deleteObjects, .putObject, .copyObject, .deleteObject,
            .createUpload, .completeUpload, .abortUpload, .putBucketVersioning, .putBucketTagging,
            .deleteBucketTagging, .putBucketCORS, .deleteBucketCORS, .putObjectTagging, .deleteObjectTagging,
            .putBucketACL, .putObjectACL, .putBucketPolicy, .deleteBucketPolicy, .putPublicAccess,
            .deletePublicAccess, .putOwnership, .deleteOwnership, .postObject,
            .putBucketLifecycle, .deleteBucketLifecycle, .putBucketObjectLockConfiguration,
            .putObjectRetention,
            .putObjectLegalHold, .putBucketEncryption, .deleteBucketEncryption:
            true
        default: false
        }
    }
}

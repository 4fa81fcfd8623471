import Identity
import ObjectModel
import S3Signatures

/// What a request needs to be allowed: in the platform's terms, in those of policies and in those of access lists.
struct AccessNeed: Sendable {
    enum List: Hashable, Sendable {
        case bucket(AccessList.Permission)
        case object(AccessList.Permission)
    }

    var permission: Permission
    /// As policies name it.
    var action: String
    /// Nil where no list can allow it.
    var list: List?
    /// The object that it is about.
    var key: String?
    var version: ObjectVersion?
    /// What is listed of a bucket.
    var prefix: String?
    /// The tags that the request gives an object.
    var tags: [ObjectTag] = []

    /// To read an object.
    static func reading(_ key: String, _ version: ObjectVersion?) -> AccessNeed {
        AccessNeed(
            permission: .read, action: version == nil ? "s3:GetObject" : "s3:GetObjectVersion",
            list: .object(.read), key: key, version: version)
    }

    /// To remove an object.
    static func removing(_ key: String, _ version: ObjectVersion?) -> AccessNeed {
        AccessNeed(
            permission: .write, action: version == nil ? "s3:DeleteObject" : "s3:DeleteObjectVersion",
            list: .bucket(.write), key: key, version: version)
    }
}

extension S3Operation {
    /// As policies name it, of an object without a version of its own.
    var action: String {
        switch self {
        case .listObjects, .listObjectsV2, .headBucket: "s3:ListBucket"
        case .listVersions: "s3:ListBucketVersions"
        case .headObject: "s3:GetObject"
        case .copyObject, .createUpload, .uploadPart, .copyPart, .completeUpload, .postObject: "s3:PutObject"
        case .abortUpload: "s3:AbortMultipartUpload"
        case .listParts: "s3:ListMultipartUploadParts"
        case .listUploads: "s3:ListBucketMultipartUploads"
        case .deleteBucketTagging: "s3:PutBucketTagging"
        case .deleteBucketCORS: "s3:PutBucketCORS"
        case .getBucketACL: "s3:GetBucketAcl"
        case .putBucketACL: "s3:PutBucketAcl"
        case .getObjectACL: "s3:GetObjectAcl"
        case .putObjectACL: "s3:PutObjectAcl"
        case .getPolicyStatus: "s3:GetBucketPolicyStatus"
        case .getPublicAccess: "s3:GetBucketPublicAccessBlock"
        case .putPublicAccess, .deletePublicAccess: "s3:PutBucketPublicAccessBlock"
        case .getOwnership: "s3:GetBucketOwnershipControls"
        case .putOwnership, .deleteOwnership: "s3:PutBucketOwnershipControls"
        case .getBucketLifecycle: "s3:GetLifecycleConfiguration"
        case .putBucketLifecycle, .deleteBucketLifecycle: "s3:PutLifecycleConfiguration"
        case .getBucketEncryption: "s3:GetEncryptionConfiguration"
        case .putBucketEncryption, .deleteBucketEncryption: "s3:PutEncryptionConfiguration"
        // Others are called as they are.
        default: "s3:" + rawValue.prefix(1).uppercased() + rawValue.dropFirst()
        }
    }

    /// Whether policies name it otherwise where a version is said.
    private var hasVersionAction: Bool {
        switch self {
        case .getObject, .headObject, .deleteObject, .getObjectACL, .putObjectACL, .getObjectTagging,
            .putObjectTagging, .deleteObjectTagging, .getObjectAttributes:
            true
        default: false
        }
    }

    func action(_ version: ObjectVersion?) -> String {
        guard version != nil, hasVersionAction else { return action }
        for ending in ["Acl", "Tagging", "Attributes"] where action.hasSuffix(ending) {
            return action.dropLast(ending.count) + "Version" + ending
        }
        return action + "Version"
    }

    /// What access lists call it.
    var list: AccessNeed.List? {
        switch self {
        case .listObjects, .listObjectsV2, .listVersions, .listUploads, .headBucket: .bucket(.read)
        case .putObject, .postObject, .copyObject, .deleteObject, .createUpload, .uploadPart, .copyPart,
            .completeUpload, .abortUpload, .listParts:
            .bucket(.write)
        case .getBucketACL: .bucket(.readList)
        case .putBucketACL: .bucket(.writeList)
        case .getObject, .headObject, .getObjectAttributes: .object(.read)
        case .getObjectACL: .object(.readList)
        case .putObjectACL: .object(.writeList)
        default: nil
        }
    }

    /// Whoever manages a bucket may always do these: else a policy could shut everybody out of it.
    var mendsPolicies: Bool {
        switch self {
        case .getBucketPolicy, .putBucketPolicy, .deleteBucketPolicy: true
        default: false
        }
    }
}

/// An error as S3 tells it: a code that programs know, and a message for people.
public struct S3Error: Error, Hashable, Sendable {
    /// The codes that are used here (Amazon S3 API reference, "Error responses").
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case accessControlListNotSupported = "AccessControlListNotSupported"
        case accessDenied = "AccessDenied"
        case authorizationHeaderMalformed = "AuthorizationHeaderMalformed"
        case authorizationQueryParametersError = "AuthorizationQueryParametersError"
        case badDigest = "BadDigest"
        case bucketAlreadyExists = "BucketAlreadyExists"
        case bucketNotEmpty = "BucketNotEmpty"
        case entityTooLarge = "EntityTooLarge"
        case entityTooSmall = "EntityTooSmall"
        case expiredToken = "ExpiredToken"
        case incompleteBody = "IncompleteBody"
        case insufficientStorage = "InsufficientStorage"
        case internalError = "InternalError"
        case invalidAccessKeyId = "InvalidAccessKeyId"
        case invalidArgument = "InvalidArgument"
        case invalidBucketAclWithObjectOwnership = "InvalidBucketAclWithObjectOwnership"
        case invalidBucketName = "InvalidBucketName"
        case invalidBucketState = "InvalidBucketState"
        case invalidDigest = "InvalidDigest"
        case invalidPart = "InvalidPart"
        case invalidPartOrder = "InvalidPartOrder"
        case invalidPolicyDocument = "InvalidPolicyDocument"
        case invalidRange = "InvalidRange"
        case invalidRequest = "InvalidRequest"
        case invalidRetentionPeriod = "InvalidRetentionPeriod"
        case invalidTag = "InvalidTag"
        case invalidURI = "InvalidURI"
        case keyTooLong = "KeyTooLongError"
        case malformedPolicy = "MalformedPolicy"
        case malformedPOSTRequest = "MalformedPOSTRequest"
        case malformedXML = "MalformedXML"
        case metadataTooLarge = "MetadataTooLarge"
        case methodNotAllowed = "MethodNotAllowed"
        case missingContentLength = "MissingContentLength"
        case noSuchBucket = "NoSuchBucket"
        case noSuchBucketPolicy = "NoSuchBucketPolicy"
        case noSuchCORSConfiguration = "NoSuchCORSConfiguration"
        case noSuchKey = "NoSuchKey"
        case noSuchLifecycleConfiguration = "NoSuchLifecycleConfiguration"
        case noSuchObjectLockConfiguration = "NoSuchObjectLockConfiguration"
        case noSuchPublicAccessBlockConfiguration = "NoSuchPublicAccessBlockConfiguration"
        case noSuchTagSet = "NoSuchTagSet"
        case noSuchUpload = "NoSuchUpload"
        case noSuchVersion = "NoSuchVersion"
        case notImplemented = "NotImplemented"
        case objectLockConfigurationNotFound = "ObjectLockConfigurationNotFoundError"
        case operationAborted = "OperationAborted"
        case ownershipControlsNotFound = "OwnershipControlsNotFoundError"
        case preconditionFailed = "PreconditionFailed"
        case quotaExceeded = "QuotaExceeded"
        case requestTimeout = "RequestTimeout"
        case requestTimeTooSkewed = "RequestTimeTooSkewed"
        case serverSideEncryptionConfigurationNotFound = "ServerSideEncryptionConfigurationNotFoundError"
        case serviceUnavailable = "ServiceUnavailable"
        case signatureDoesNotMatch = "SignatureDoesNotMatch"
        case slowDown = "SlowDown"
        case tooManyBuckets = "TooManyBuckets"
        case unresolvableGrantByEmailAddress = "UnresolvableGrantByEmailAddress"
        case contentHashMismatch = "XAmzContentSHA256Mismatch"

        /// The status of the response that carries it.
        public var status: Int {
            switch self {
            case .accessDenied, .invalidAccessKeyId, .quotaExceeded, .requestTimeTooSkewed,
                .signatureDoesNotMatch:
                403
            case .noSuchBucket, .noSuchBucketPolicy, .noSuchCORSConfiguration, .noSuchKey,
                .noSuchLifecycleConfiguration, .noSuchTagSet, .noSuchUpload, .noSuchVersion,
                .noSuchPublicAccessBlockConfiguration, .ownershipControlsNotFound,
                .objectLockConfigurationNotFound, .noSuchObjectLockConfiguration,
                .serverSideEncryptionConfigurationNotFound:
                404
            case .methodNotAllowed: 405
            case .bucketAlreadyExists, .bucketNotEmpty, .invalidBucketState, .operationAborted: 409
            case .missingContentLength: 411
            case .preconditionFailed: 412
            case .invalidRange: 416
            case .internalError: 500
            case .notImplemented: 501
            case .serviceUnavailable, .slowDown: 503
            case .insufficientStorage: 507
            default: 400
            }
        }
    }

    /// What a program wants to know besides, in a field of the response.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var code: Code
    public var message: String
    public var fields: [Field] = []

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The body of the response.
    public func document(resource: String, requestID: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("Error") { writer in
            writer.element("Code", code.rawValue)
            writer.element("Message", message)
            writer.element("Resource", resource)
            writer.element("RequestId", requestID)
        }
        return writer.bytes
    }
}

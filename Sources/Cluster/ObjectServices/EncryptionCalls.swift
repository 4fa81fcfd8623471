import Core
import Cryptography
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

/// What a request says of how bytes are hidden.
struct GivenEncryption: Sendable {
    var encryption: ObjectEncryption?
    /// The key that the client keeps.
    var customerKey: [UInt8]?
    private static let plain = "x-amz-server-side-encryption"

    /// Of what is stored by it.
    init(_ fields: HTTPFields) throws(S3Error) {
        try self.init(customer: fields, Self.plain)
        let (algorithm, name) = (fields[Self.plain], fields["\(Self.plain)-aws-kms-key-id"])
        guard algorithm != nil || name != nil else { return }
        guard encryption == nil else {
            throw S3Error(
                .invalidArgument,
                "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"
            )
        }
        switch (algorithm, name) {
        case ("AES256", nil): encryption = .platform
        case ("aws:kms", let name?) where !name.isEmpty: encryption = .named(name)
        case ("aws:kms", _): throw S3Error(.invalidArgument, "aws:kms needs the id of a key")
        default: throw S3Error(.invalidArgument, "The encryption method specified is not supported")
        }
    }

    /// Of what is copied by it.
    static func ofSource(_ fields: HTTPFields) throws(S3Error) -> GivenEncryption {
        try GivenEncryption(customer: fields, "x-amz-copy-source-server-side-encryption")
    }

    /// Of what is read by it: to ask for encryption there has no meaning, and is refused as at Amazon.
    static func ofReading(_ fields: HTTPFields) throws(S3Error) -> GivenEncryption {
        for name in [plain, "\(plain)-aws-kms-key-id"] where fields.contains(name) {
            throw S3Error(.invalidArgument, "The header \(name) is not for requests that read.")
        }
        return try ofPart(fields)
    }

    /// Of a part, which is hidden as its upload says.
    static func ofPart(_ fields: HTTPFields) throws(S3Error) -> GivenEncryption {
        try GivenEncryption(customer: fields, plain)
    }

    /// The fields of a key that the client keeps.
    private init(customer fields: HTTPFields, _ prefix: String) throws(S3Error) {
        let (algorithm, key, digest) = (
            fields["\(prefix)-customer-algorithm"], fields["\(prefix)-customer-key"],
            fields["\(prefix)-customer-key-MD5"]
        )
        guard algorithm != nil || key != nil || digest != nil else { return }
        guard algorithm == "AES256" else {
            throw S3Error(
                .invalidArgument,
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm."
            )
        }
        guard let key = key.flatMap({ Base64.decode($0) }), key.count == 32 else {
            throw S3Error(.invalidArgument, "The secret key was invalid for the specified algorithm.")
        }
        guard let digest, digest == Base64.encode(MessageDigest.hash(key, .md5)) else {
            throw S3Error(
                .invalidArgument,
                "The calculated MD5 hash of the key did not match the hash that was provided.")
        }
        encryption = .customer(digest: digest)
        customerKey = key
    }

    var key: ContentKey? { customerKey.map { ContentKey(customer: $0) } }

    /// Whether what is hidden as `stored` can be read, or written, with this.
    func check(_ stored: ObjectEncryption?) throws(S3Error) {
        if case .customer = stored {
            guard let encryption else {
                throw S3Error(
                    .invalidRequest,
                    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
                )
            }
            guard encryption == stored else {
                throw S3Error(
                    .invalidRequest,
                    "The provided encryption parameters did not match the ones used originally.")
            }
        } else if customerKey != nil {
            throw S3Error(.invalidRequest, "The encryption parameters are not applicable to this object.")
        }
    }
}

// How bytes are hidden: by the platform's key, by a client's, or as the bucket says.
extension ObjectServer {
    func bucketEncryption(_ call: S3Call) async throws -> HTTPResponse {
        let isReading = call.operation == .getBucketEncryption
        let bucket = try await bucket(call, isReading ? .list : .write)
        switch call.operation {
        case .putBucketEncryption:
            let encryption = try EncryptionDocument.read(try await call.document())
            try await store.updateBucket(bucket.name) { $0.encryption = encryption }
            return HTTPResponse(.ok)
        case .deleteBucketEncryption:
            try await store.updateBucket(bucket.name) { $0.encryption = nil }
            return HTTPResponse(.noContent)
        default:
            guard let encryption = bucket.settings.encryption else {
                throw S3Error(
                    .serverSideEncryptionConfigurationNotFound,
                    "The server side encryption configuration was not found")
            }
            return .xml(EncryptionDocument.document(encryption))
        }
    }

    /// How a new object is hidden: as its request says, or else its bucket.
    func newEncryption(_ fields: HTTPFields, in bucket: BucketRecord) throws(S3Error) -> GivenEncryption {
        var given = try GivenEncryption(fields)
        if given.encryption == nil { given.encryption = bucket.settings.encryption }
        return given
    }

    static func tell(_ encryption: ObjectEncryption?, _ fields: inout HTTPFields) {
        let prefix = "x-amz-server-side-encryption"
        switch encryption {
        case nil: break
        case .platform: fields[prefix] = "AES256"
        case .named(let name):
            fields[prefix] = "aws:kms"
            fields["\(prefix)-aws-kms-key-id"] = name
        case .customer(let digest):
            fields["\(prefix)-customer-algorithm"] = "AES256"
            fields["\(prefix)-customer-key-MD5"] = digest
        }
    }
}

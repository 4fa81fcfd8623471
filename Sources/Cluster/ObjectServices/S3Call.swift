import Core
import HTTPModel
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

/// One request, with what it names and who makes it.
struct S3Call: Sendable {
    let request: HTTPRequest
    let operation: S3Operation
    let address: S3Address
    let query: RequestQuery
    let payload: PayloadKind
    let caller: S3Caller
    let id: String

    var fields: HTTPFields { request.fields }

    /// The name of the bucket, whether it is there or not.
    func bucketName() throws(S3Error) -> BucketName {
        guard let name = BucketName(parsing: address.bucket ?? "") else {
            throw S3Error(.invalidBucketName, "The specified bucket is not valid.")
        }
        return name
    }

    func key() throws(S3Error) -> ObjectKey { try Self.key(address.key ?? "") }

    static func key(_ text: String) throws(S3Error) -> ObjectKey {
        if let key = ObjectKey(text) { return key }
        guard text.utf8.count <= ObjectKey.maximumBytes else {
            throw S3Error(.keyTooLong, "Your key is too long")
        }
        throw S3Error(.invalidArgument, "A key has 1 to \(ObjectKey.maximumBytes) bytes, and no NUL")
    }

    var wantsChecksum: Bool { fields["x-amz-checksum-mode"]?.uppercased() == "ENABLED" }

    static let noSuchVersionID = S3Error(.invalidArgument, "Invalid version id specified")

    /// The version that is named; nil where none is.
    func version() throws(S3Error) -> ObjectVersion? {
        guard let text = query["versionId"] else { return nil }
        guard let version = ObjectVersion(parsing: text) else { throw Self.noSuchVersionID }
        return version
    }

    /// What has to hold of an object that is there for it to be changed.
    var condition: ObjectCondition {
        ObjectCondition(match: fields["If-Match"], noneMatch: fields["If-None-Match"])
    }

    /// The same for it to be removed.
    func removalCondition() throws(S3Error) -> ObjectCondition {
        var condition = condition
        condition.noneMatch = nil
        try condition.read(
            size: fields["x-amz-if-match-size"],
            modified: fields["x-amz-if-match-last-modified-time"])
        return condition
    }

    func body() throws(S3Error) -> S3Payload { try S3Payload(request, payload, caller) }

    /// The whole of a body that is a document, held against what the request says of it.
    func document(upTo limit: Int = 256 << 10) async throws -> [UInt8] {
        let digests = try UploadDigests(fields)
        let payload = try body()
        let bytes = try await payload.collect(upTo: limit)
        digests.update(bytes)
        _ = try digests.finish(trailer: payload.trailer)
        return bytes
    }
}

extension ObjectCondition {
    /// Reads what a client says of the size and the time of an object that it wants removed.
    mutating func read(size: String?, modified: String?) throws(S3Error) {
        if let size {
            guard let number = Int64(size) else { throw S3Error(.invalidArgument, "A size is no number.") }
            self.size = number
        }
        if let modified {
            guard let time = HTTPDate.parse(modified) ?? Timestamp(parsing: modified) else {
                throw S3Error(.invalidArgument, "A time is no date.")
            }
            self.modified = time
        }
    }
}

extension HTTPResponse {
    static func xml(_ bytes: [UInt8], _ status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status, fields: HTTPFields(["Content-Type": "application/xml"]), body: .bytes(bytes))
    }
}

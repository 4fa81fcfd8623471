import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

extension ObjectServer {
    /// The most bytes of one request: more come in parts.
    static let largestPut: Int64 = 5 << 30

    /// What would have to be done with an object, and is not: to leave it undone without a word would be wrong.
    private static let refusedFields = ["x-amz-write-offset-bytes"]

    static func refuseUnsupported(_ fields: HTTPFields) throws(S3Error) {
        for name in refusedFields where fields.contains(name) {
            throw S3Error(.notImplemented, "The header \(name) is not implemented.")
        }
    }

    func putObject(_ call: S3Call) async throws -> HTTPResponse {
        let (bucket, basis) = try await writable(call, .write)
        let key = try call.key()
        try Self.refuseUnsupported(call.fields)
        let headers = try Self.headers(call.fields)
        let tags = try Self.tags(call.fields)
        let lock = try newLock(call.fields, in: bucket)
        let given = try newEncryption(call.fields, in: bucket)
        let access = try await newAccess(call, in: bucket, basis)
        let payload = try call.body()
        try Self.checkLength(payload, call.fields)
        if let length = payload.length {
            try await store.checkQuota(key, size: length, of: access.owner, in: bucket.name)
        }
        let (content, result) = try await receive(
            UploadDigests(call.fields), hidden: given, trailer: { payload.trailer },
            from: { try await payload.next() })
        var described = ObjectRecord(
            key: key, content: content.id, size: content.size, tag: result.md5,
            modified: environment.wallClock.now, headers: headers, checksum: result.checksum,
            owner: access.owner)
        described.attributes.access = access.list
        described.attributes.tags = tags
        described.attributes.lock = lock
        described.attributes.encryption = given.encryption
        let record = try await store.publish(content, as: described, in: bucket.name, if: call.condition)
        var response = HTTPResponse(.ok, fields: HTTPFields(["ETag": "\"\(record.tag)\""]))
        if let checksum = record.checksum {
            response.fields[checksum.algorithm.field] = checksum.value
            response.fields["x-amz-checksum-type"] = checksum.kind.rawValue
        }
        Self.tellNew(record.version, &response.fields)
        Self.tell(given.encryption, &response.fields)
        tellExpiry(record, of: bucket, &response.fields)
        return response
    }

    /// Stores the bytes that `source` gives, hashed where they are written, while the next are on their way. Of what is too long, or not what
    /// its client says, nothing is left behind.
    ///
    /// - Parameters:
    ///   - limit: how many bytes there may be.
    ///   - trailer: the fields behind the bytes, asked for when all came.
    ///   - check: told how many bytes came, before they are safe; what it throws is thrown.
    func receive(
        _ digests: UploadDigests, hidden given: GivenEncryption, upTo limit: Int64 = largestPut,
        trailer: () -> HTTPFields = { HTTPFields() }, check: (Int64) throws -> Void = { _ in },
        from source: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> (content: StoredContent, result: UploadDigests.Result) {
        let writer = try await store.write(
            hidden: given.encryption, customer: given.key, digest: digests.md5, observer: digests.observer)
        try await writer.append(from: source) { size in
            guard size <= limit else { throw Self.tooLarge }
        }
        try check(writer.size)
        let (content, result) = try await writer.finish { try digests.finish(trailer: trailer()) }
        return (content, result)
    }

    static let tooLarge = S3Error(.entityTooLarge, "Your proposed upload exceeds the maximum allowed size")

    /// A body says how long it is, or comes in chunks of HTTP, whose end is told.
    static func checkLength(_ payload: S3Payload, _ fields: HTTPFields) throws(S3Error) {
        guard let length = payload.length else {
            if fields["Transfer-Encoding"]?.lowercased() == "chunked" { return }
            throw S3Error(.missingContentLength, "You must provide the Content-Length HTTP header.")
        }
        guard length <= largestPut else { throw tooLarge }
    }

    func deleteObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let key = try call.key()
        let removal = try await store.delete(
            key, version: call.version(), in: bucket.name, if: try call.removalCondition(),
            by: call.caller.owner, bypassingGovernance: try await bypassesGovernance(call, key, in: bucket))
        var response = HTTPResponse(.noContent)
        if let version = removal.version { response.fields["x-amz-version-id"] = version.text }
        if removal.isMarker { response.fields["x-amz-delete-marker"] = "true" }
        return response
    }

    /// What is kept of the fields of a request.
    static func headers(_ fields: HTTPFields) throws(S3Error) -> ObjectHeaders {
        var headers = ObjectHeaders()
        for line in fields.lines {
            let name = line.name.lowercased()
            guard ObjectHeaders.contentFields.contains(name) || name.hasPrefix(ObjectHeaders.metadataPrefix)
            else { continue }
            var value = line.value
            if name == "content-encoding" {
                // How the request came is no property of the object.
                value = value.split(separator: ",").map { $0.filter { $0 != " " } }
                    .filter { $0.lowercased() != "aws-chunked" }.joined(separator: ", ")
            }
            if !value.isEmpty || name.hasPrefix(ObjectHeaders.metadataPrefix) {
                headers.lines.append(.init(name: name, value: value))
            }
        }
        guard headers.metadataBytes <= ObjectHeaders.maximumMetadata else {
            throw S3Error(
                .metadataTooLarge,
                "Your metadata headers exceed the maximum allowed metadata size of \(ObjectHeaders.maximumMetadata) bytes"
            )
        }
        return headers
    }
}

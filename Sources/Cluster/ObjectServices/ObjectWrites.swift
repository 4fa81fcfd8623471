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
    private static let refusedFields = [
        "x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-object-lock-mode", "x-amz-object-lock-legal-hold", "x-amz-write-offset-bytes",
    ]

    static func refuseUnsupported(_ fields: HTTPFields) throws(S3Error) {
        for name in refusedFields where fields.contains(name) {
            throw S3Error(.notImplemented, "The header \(name) is not implemented.")
        }
        if let list = fields["x-amz-acl"], list != "private", list != "bucket-owner-full-control" {
            throw S3Error(
                .notImplemented, "The ACL \(list) is not implemented: rights are granted by the platform.")
        }
    }

    func putObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try bucket(call, .write)
        let key = try call.key()
        try Self.refuseUnsupported(call.fields)
        let headers = try Self.headers(call.fields)
        let tags = try Self.tags(call.fields)
        let payload = try call.body()
        guard let length = payload.length else {
            throw S3Error(.missingContentLength, "You must provide the Content-Length HTTP header.")
        }
        guard length <= Self.largestPut else {
            throw S3Error(.entityTooLarge, "Your proposed upload exceeds the maximum allowed size")
        }
        var digests = try UploadDigests(call.fields)
        let writer = store.write()
        while let piece = try await payload.next() {
            digests.update(piece)
            try await writer.append(piece)
        }
        let result = try digests.finish(trailer: payload.trailer)
        let content = try await writer.finish()
        var described = ObjectRecord(
            key: key, content: content.id, size: content.size, tag: result.md5,
            modified: environment.wallClock.now, headers: headers, checksum: result.checksum,
            owner: call.caller.owner)
        described.attributes.tags = tags
        let record = try await store.publish(content, as: described, in: bucket.name, if: call.condition)
        var response = HTTPResponse(.ok, fields: HTTPFields(["ETag": "\"\(record.tag)\""]))
        if let checksum = record.checksum {
            response.fields[checksum.algorithm.field] = checksum.value
            response.fields["x-amz-checksum-type"] = checksum.kind.rawValue
        }
        Self.tell(record.version, of: bucket, &response.fields)
        return response
    }

    func deleteObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try bucket(call, .write)
        let removal = try await store.delete(
            call.key(), version: call.version(), in: bucket.name, if: call.condition, by: call.caller.owner)
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
                    .filter { $0.lowercased() != "aws-chunked" }.joined(separator: ",")
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

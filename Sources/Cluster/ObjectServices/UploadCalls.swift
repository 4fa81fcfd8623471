import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

// Objects that come in parts.
extension ObjectServer {
    func createUpload(_ call: S3Call) async throws -> HTTPResponse {
        let (bucket, basis) = try await writable(call, .write)
        let key = try call.key()
        try Self.refuseUnsupported(call.fields)
        let name = call.fields["x-amz-checksum-algorithm"]
        let algorithm = name.flatMap { ObjectChecksum.Algorithm(rawValue: $0.uppercased()) }
        if let name, algorithm == nil {
            throw S3Error(.invalidRequest, "Checksum algorithm provided is unsupported: \(name.prefix(40))")
        }
        var upload = UploadRecord(
            id: environment.identifier(), key: key, headers: try Self.headers(call.fields),
            algorithm: algorithm, createdAt: environment.wallClock.now,
            createdBy: call.caller.credential?.principal.description ?? call.caller.owner)
        upload.kind = try Self.checksumKind(call.fields["x-amz-checksum-type"], algorithm)
        (upload.owner, upload.attributes.access) = try await newAccess(call, in: bucket, basis)
        upload.attributes.tags = try Self.tags(call.fields)
        upload.attributes.lock = try newLock(call.fields, in: bucket)
        upload.attributes.encryption = try newEncryption(call.fields, in: bucket).encryption
        try await store.beginUpload(upload, in: bucket.name)
        var response = HTTPResponse.xml(
            UploadDocuments.begun(upload.id, bucket: bucket.name.text, key: key.text))
        Self.tell(upload.attributes.encryption, &response.fields)
        if let algorithm {
            response.fields["x-amz-checksum-algorithm"] = algorithm.rawValue
            response.fields["x-amz-checksum-type"] = upload.kind.rawValue
        }
        return response
    }

    /// What the checksum of an object that comes in parts is of.
    private static func checksumKind(
        _ text: String?, _ algorithm: ObjectChecksum.Algorithm?
    ) throws(S3Error) -> ObjectChecksum.Kind {
        guard let algorithm else {
            guard text == nil else {
                throw S3Error(
                    .invalidRequest,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                )
            }
            return .composite
        }
        guard let text else { return algorithm == .crc64nvme ? .whole : .composite }
        guard let kind = ObjectChecksum.Kind(rawValue: text.uppercased()),
            kind == .whole ? algorithm.isLinear : algorithm != .crc64nvme
        else {
            throw S3Error(
                .invalidRequest,
                "The \(text.prefix(40)) checksum type cannot be used with the \(algorithm.rawValue.lowercased()) checksum algorithm."
            )
        }
        return kind
    }

    func uploadPart(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let (key, number, id) = (try call.key(), try Self.partNumber(call), try Self.upload(call))
        let upload = try await store.upload(id, key, in: bucket.name)
        let payload = try call.body()
        try Self.checkLength(payload, call.fields)
        let digests = try UploadDigests(call.fields, algorithm: upload.algorithm)
        let given = try Self.encryption(of: upload, call.fields)
        let (content, result) = try await receive(
            digests, hidden: given, trailer: { payload.trailer }, from: { try await payload.next() })
        let part = PartRecord(
            number: number, content: content.id, size: content.size, tag: result.md5,
            checksum: result.checksum.flatMap { $0.algorithm == upload.algorithm ? $0.value : nil },
            modified: environment.wallClock.now)
        try await store.publish(content, as: part, of: id, key, in: bucket.name)
        var response = HTTPResponse(.ok, fields: HTTPFields(["ETag": "\"\(part.tag)\""]))
        Self.tell(upload.attributes.encryption, &response.fields)
        if let checksum = result.checksum { response.fields[checksum.algorithm.field] = checksum.value }
        return response
    }

    /// How the parts of an upload are hidden, by the key that a request for one has to have.
    private static func encryption(
        of upload: UploadRecord, _ fields: HTTPFields
    ) throws(S3Error) -> GivenEncryption {
        var given = try GivenEncryption.ofPart(fields)
        try given.check(upload.attributes.encryption)
        given.encryption = upload.attributes.encryption
        return given
    }

    func copyPart(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let (key, number, id) = (try call.key(), try Self.partNumber(call), try Self.upload(call))
        let upload = try await store.upload(id, key, in: bucket.name)
        let source = try await source(call)
        let (record, reader) = try await open(
            source.key, source.version, in: try store.bucket(source.bucket),
            try GivenEncryption.ofSource(call.fields))
        try Self.checkSource(record, call.fields)
        let range = try Self.copiedRange(call.fields["x-amz-copy-source-range"], of: record.size)
        let digests = try UploadDigests(HTTPFields(), algorithm: upload.algorithm)
        let given = try Self.encryption(of: upload, call.fields)
        let (content, result) = try await receive(digests, hidden: given, from: reader.pieces(of: range))
        let part = PartRecord(
            number: number, content: content.id, size: content.size, tag: result.md5,
            checksum: result.checksum?.value, modified: environment.wallClock.now)
        try await store.publish(content, as: part, of: id, key, in: bucket.name)
        var response = HTTPResponse.xml(UploadDocuments.copied(part))
        Self.tell(upload.attributes.encryption, &response.fields)
        if record.version != .null { response.fields["x-amz-copy-source-version-id"] = record.version.text }
        return response
    }

    func completeUpload(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let (key, id) = (try call.key(), try Self.upload(call))
        let request = try CompleteRequest(try await call.body().collect(upTo: 4 << 20))
        let fields = call.fields
        let record = try await store.completeUpload(
            id, key, in: bucket.name, of: request.parts, if: call.condition
        ) { upload, parts in
            let described = UploadDigests.composite(upload, parts)
            try UploadDigests.check(described.checksum, fields)
            return described
        }
        let location = "/\(bucket.name)/" + PercentEncoding.encode(key.text, keepsSlash: true)
        var response = HTTPResponse.xml(
            UploadDocuments.completed(record, bucket: bucket.name.text, location: location))
        Self.tellNew(record.version, &response.fields)
        Self.tell(record.attributes.encryption, &response.fields)
        return response
    }

    func abortUpload(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        try await store.abortUpload(Self.upload(call), call.key(), in: bucket.name)
        return HTTPResponse(.noContent)
    }

    func listParts(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let after = try Self.number(call.query["part-number-marker"], "part-number-marker") ?? 0
        let limit = min(try Self.number(call.query["max-parts"], "max-parts") ?? 1000, 1000)
        let (upload, parts) = try await store.parts(
            of: Self.upload(call), call.key(), in: bucket.name, after: after, limit: limit + 1)
        return .xml(
            UploadDocuments.parts(
                Array(parts.prefix(limit)), of: upload, bucket: bucket.name.text, after: after, limit: limit,
                isTruncated: parts.count > limit, owner: S3Owner.id(bucket.createdBy)))
    }

    func listUploads(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .write)
        let limit = min(try Self.number(call.query["max-uploads"], "max-uploads") ?? 1000, 1000)
        let (prefix, marker) = (call.query["prefix"] ?? "", call.query["key-marker"] ?? "")
        // Without the upload's marker all uploads of the key's are over.
        let id = marker.isEmpty ? "" : call.query["upload-id-marker"] ?? "\u{10FFFF}"
        guard !(prefix + marker + id).utf8.contains(0) else {
            throw S3Error(.invalidArgument, "No key has a NUL")
        }
        let found = try await store.uploads(
            in: bucket.name, prefix: prefix, after: marker, id, limit: limit + 1)
        return .xml(
            UploadDocuments.uploads(
                Array(found.prefix(limit)), bucket: bucket.name.text, prefix: prefix, marker: marker,
                limit: limit, isTruncated: found.count > limit, owner: S3Owner.id(bucket.createdBy)))
    }

    // MARK: Parameters

    private static func upload(_ call: S3Call) throws -> UploadID {
        guard let id = call.query["uploadId"].flatMap({ UploadID(parsing: $0) }) else {
            throw StoreError.noUpload
        }
        return id
    }

    private static func partNumber(_ call: S3Call) throws(S3Error) -> Int {
        guard let number = call.query["partNumber"].flatMap({ Int($0) }), PartRecord.numbers.contains(number)
        else {
            throw S3Error(
                .invalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
        }
        return number
    }

    static func number(_ text: String?, _ name: String) throws(S3Error) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), number >= 0, number <= Int32.max else {
            throw S3Error(.invalidArgument, "Provided \(name) not an integer or within integer range")
        }
        return number
    }

    /// `bytes=0-9`, both ends of which have to be in the source; the whole where there is none.
    private static func copiedRange(_ text: String?, of size: Int64) throws(S3Error) -> Range<Int64> {
        guard let text else { return 0..<size }
        let ends = text.hasPrefix("bytes=") ? text.dropFirst(6).split(separator: "-").map { Int64($0) } : []
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
            throw S3Error(
                .invalidArgument,
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
            )
        }
        guard last < size else {
            throw S3Error(.invalidRange, "The requested range is not satisfiable")
        }
        return first..<last + 1
    }
}

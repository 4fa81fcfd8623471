import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

extension ObjectServer {
    /// Fields of the answer that a request may choose, by the parameter that does.
    private static let overrides: KeyValuePairs = [
        "response-content-type": "Content-Type", "response-content-language": "Content-Language",
        "response-expires": "Expires", "response-cache-control": "Cache-Control",
        "response-content-disposition": "Content-Disposition",
        "response-content-encoding": "Content-Encoding",
    ]

    func headObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .read)
        let record = try await store.object(call.key(), version: call.version(), in: bucket.name)
        try GivenEncryption.ofReading(call.fields).check(record.attributes.encryption)
        let (response, range) = try await head(record, bucket, call)
        guard let range else { return response }
        var answer = response
        // Only its length is sent.
        answer.body = .stream(length: range.upperBound - range.lowerBound) { _ in }
        return answer
    }

    func getObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .read)
        let given = try GivenEncryption.ofReading(call.fields)
        let (record, reader) = try await open(call.key(), call.version(), in: bucket, given)
        var (response, range) = try await head(record, bucket, call)
        guard let range, !range.isEmpty else { return response }
        response.body = try await reader.body(of: range, isSecure: isSecure)
        return response
    }

    /// Opens an object, which has to be hidden as is said.
    func open(
        _ key: ObjectKey, _ version: ObjectVersion?, in bucket: BucketRecord, _ given: GivenEncryption
    ) async throws -> (ObjectRecord, ContentReader) {
        do {
            let (record, reader) = try await store.open(
                key, version: version, in: bucket.name, customer: given.key)
            try given.check(record.attributes.encryption)
            return (record, reader)
        } catch let error {
            // A wrong key is told as that, before anything is said of what it would not open.
            let record = try await store.object(key, version: version, in: bucket.name)
            try given.check(record.attributes.encryption)
            throw error
        }
    }

    /// The head of the answer, and what of the bytes goes with it; nil where none do.
    private func head(
        _ record: ObjectRecord, _ bucket: BucketRecord, _ call: S3Call
    ) async throws -> (HTTPResponse, Range<Int64>?) {
        var fields = Self.fields(of: record)
        Self.tell(record.version, of: bucket, &fields)
        Self.tell(record.attributes.lock, &fields)
        Self.tell(record.attributes.encryption, &fields)
        tellExpiry(record, of: bucket, &fields)
        for (parameter, name) in Self.overrides {
            guard let value = call.query[parameter] else { continue }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw S3Error(.invalidArgument, "\(parameter) cannot be sent in a field")
            }
            fields[name] = value
        }
        let selection = ContentSelection(
            call.fields, size: record.size, tag: "\"\(record.tag)\"", modified: record.modified)
        switch selection {
        case .notModified: return (HTTPResponse(.notModified, fields: fields), nil)
        case .preconditionFailed: throw StoreError.conditionFailed
        case .unsatisfiable: throw S3Error(.invalidRange, "The requested range is not satisfiable")
        case .whole:
            if let part = try await part(record, call) {
                let range = part.range
                // Its tag tells whether an object came in parts.
                if record.tag.utf8.contains(UInt8(ascii: "-")) {
                    fields["x-amz-mp-parts-count"] = "\(part.count)"
                }
                if call.wantsChecksum, let checksum = record.checksum, let own = part.checksum {
                    fields[checksum.algorithm.field] = own
                    fields["x-amz-checksum-type"] = checksum.kind.rawValue
                }
                fields["Content-Range"] =
                    range.isEmpty ? nil : "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.size)"
                return (HTTPResponse(.partialContent, fields: fields), range)
            }
            if call.wantsChecksum, let checksum = record.checksum {
                fields[checksum.algorithm.field] = checksum.value
                fields["x-amz-checksum-type"] = checksum.kind.rawValue
            }
            return (HTTPResponse(.ok, fields: fields), 0..<record.size)
        case .part(let range):
            fields["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.size)"
            return (HTTPResponse(.partialContent, fields: fields), range)
        }
    }

    /// The part that a request names by its number, of as many as there are; nil where it names none.
    private func part(
        _ record: ObjectRecord, _ call: S3Call
    ) async throws -> (range: Range<Int64>, count: Int, checksum: String?)? {
        guard let number = try Self.number(call.query["partNumber"], "partNumber") else { return nil }
        let parts = try await store.parts(of: record)
        guard (1...max(1, parts.count)).contains(number) else {
            throw S3Error(.invalidPart, "The requested partnumber is not satisfiable")
        }
        let start = parts.prefix(number - 1).reduce(0) { $0 + $1.size }
        guard let part = parts.dropFirst(number - 1).first else { return (start..<start, 0, nil) }
        return (start..<start + part.size, parts.count, part.checksum)
    }

    func getObjectAttributes(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, .read)
        let wanted = call.fields.values("x-amz-object-attributes").joined(separator: ",")
            .split(separator: ",").map { $0.filter { $0 != " " } }
        guard !wanted.isEmpty, AttributeRequest.names.isSuperset(of: wanted) else {
            throw S3Error(.invalidArgument, "Invalid attribute name specified")
        }
        let request = AttributeRequest(
            wanted: Set(wanted),
            maximumParts: min(
                try Self.number(call.fields["x-amz-max-parts"], "x-amz-max-parts") ?? 1000, 1000),
            after: try Self.number(call.fields["x-amz-part-number-marker"], "x-amz-part-number-marker") ?? 0)
        let record = try await store.object(call.key(), version: call.version(), in: bucket.name)
        try GivenEncryption.ofReading(call.fields).check(record.attributes.encryption)
        // Its tag tells whether an object came in parts.
        let isWhole = !record.tag.utf8.contains(UInt8(ascii: "-"))
        let parts =
            isWhole || !request.wanted.contains("ObjectParts") ? [] : try await store.parts(of: record)
        var response = HTTPResponse.xml(request.document(record, parts))
        response.fields["Last-Modified"] = HTTPDate.text(record.modified)
        Self.tell(record.version, of: bucket, &response.fields)
        return response
    }

    static func fields(of record: ObjectRecord) -> HTTPFields {
        var fields = HTTPFields([
            "ETag": "\"\(record.tag)\"", "Last-Modified": HTTPDate.text(record.modified),
            "Accept-Ranges": "bytes",
        ])
        if let tags = record.attributes.tags { fields["x-amz-tagging-count"] = "\(tags.count)" }
        for line in record.headers.lines { fields.append(name: line.name, value: line.value) }
        if !fields.contains("Content-Type") { fields["Content-Type"] = "binary/octet-stream" }
        return fields
    }
}

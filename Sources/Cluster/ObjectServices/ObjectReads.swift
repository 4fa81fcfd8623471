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
        let bucket = try bucket(call, .read)
        let record = try await store.object(call.key(), in: bucket.name)
        let (response, range) = try Self.head(record, call)
        guard let range else { return response }
        var answer = response
        // Only its length is sent.
        answer.body = .stream(length: range.upperBound - range.lowerBound) { _ in }
        return answer
    }

    func getObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try bucket(call, .read)
        let (record, reader) = try await store.open(call.key(), in: bucket.name)
        var (response, range) = try Self.head(record, call)
        guard let range, !range.isEmpty else { return response }
        // What is damaged at its beginning is told as an error: later it can only be cut off.
        let first = try await reader.next(from: range.lowerBound, upTo: range.upperBound)
        let length = range.upperBound - range.lowerBound
        if Int64(first.count) == length {
            response.body = .bytes(first)
        } else {
            response.body = .stream(length: length) { writer in
                try await Self.send(first, reader, range, to: writer)
            }
        }
        return response
    }

    private static func send(
        _ first: [UInt8], _ reader: ContentReader, _ range: Range<Int64>, to writer: any HTTPBodyWriter
    ) async throws {
        try await reader.forEachPiece(of: range, beginningWith: first) { try await writer.write($0) }
    }

    /// The head of the answer, and what of the bytes goes with it; nil where none do.
    private static func head(
        _ record: ObjectRecord, _ call: S3Call
    ) throws -> (HTTPResponse, Range<Int64>?) {
        var fields = fields(of: record)
        for (parameter, name) in overrides {
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
            if call.fields["x-amz-checksum-mode"]?.uppercased() == "ENABLED", let checksum = record.checksum {
                fields[checksum.algorithm.field] = checksum.value
                fields["x-amz-checksum-type"] = checksum.value.contains("-") ? "COMPOSITE" : "FULL_OBJECT"
            }
            return (HTTPResponse(.ok, fields: fields), 0..<record.size)
        case .part(let range):
            fields["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.size)"
            return (HTTPResponse(.partialContent, fields: fields), range)
        }
    }

    static func fields(of record: ObjectRecord) -> HTTPFields {
        var fields = HTTPFields([
            "ETag": "\"\(record.tag)\"", "Last-Modified": HTTPDate.text(record.modified),
            "Accept-Ranges": "bytes",
        ])
        for line in record.headers.lines { fields.append(name: line.name, value: line.value) }
        if !fields.contains("Content-Type") { fields["Content-Type"] = "binary/octet-stream" }
        return fields
    }
}

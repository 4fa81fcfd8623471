import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

extension ObjectServer {
    func copyObject(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try bucket(call, .write)
        let key = try call.key()
        try Self.refuseUnsupported(call.fields)
        let source = try source(call)
        let replaces = try Self.replacesHeaders(call.fields)
        if source.bucket == bucket.name, source.key == key, !replaces {
            throw S3Error(
                .invalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata."
            )
        }
        let headers = replaces ? try Self.headers(call.fields) : nil
        let now = environment.wallClock.now
        let record = try await store.copy(
            source.key, in: source.bucket, to: bucket.name, if: call.condition
        ) { original in
            try Self.checkSource(original, call.fields)
            var copy = original
            copy.key = key
            copy.modified = now
            if let headers { copy.headers = headers }
            return copy
        }
        return .xml(BucketDocuments.copied(record))
    }

    /// The object that is copied, which the caller has to be allowed to read.
    func source(_ call: S3Call) throws -> (bucket: BucketName, key: ObjectKey) {
        let invalid = S3Error(
            .invalidArgument, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        guard let text = call.fields["x-amz-copy-source"] else { throw invalid }
        let path = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        if path.count == 2, path[1] != "versionId=null" {
            throw S3Error(.notImplemented, "Versions are not implemented.")
        }
        guard let decoded = PercentEncoding.text(path[0].utf8) else { throw invalid }
        let bytes = decoded.utf8.drop { $0 == UInt8(ascii: "/") }
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")),
            let name = BucketName(parsing: String(decoding: bytes[..<slash], as: UTF8.self))
        else { throw invalid }
        let key = try S3Call.key(String(decoding: bytes[slash...].dropFirst(), as: UTF8.self))
        let bucket = try store.bucket(name)
        try call.caller.require(
            .read, on: try BlobResource.object(key.text, bucket.name, in: bucket.project))
        return (name, key)
    }

    private static func replacesHeaders(_ fields: HTTPFields) throws(S3Error) -> Bool {
        switch fields["x-amz-metadata-directive"]?.uppercased() {
        case nil, "COPY": return false
        case "REPLACE": return true
        default: throw S3Error(.invalidArgument, "Unknown metadata directive.")
        }
    }

    /// The conditions on what is copied, which are those of reading it under other names.
    static func checkSource(_ record: ObjectRecord, _ fields: HTTPFields) throws {
        var conditions = HTTPFields()
        for name in ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"] {
            if let value = fields["x-amz-copy-source-\(name.lowercased())"] {
                conditions.append(name: name, value: quoted(value, name))
            }
        }
        let selection = ContentSelection(
            conditions, size: record.size, tag: "\"\(record.tag)\"", modified: record.modified)
        guard selection == .whole else { throw StoreError.conditionFailed }
    }

    /// A tag as HTTP has it: some clients leave its quotes out here.
    private static func quoted(_ value: String, _ name: String) -> String {
        name.hasSuffix("Match") && value != "*" && !value.contains("\"") ? "\"\(value)\"" : value
    }
}

import Core
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures
import Synchronization

extension ObjectServer {
    func copyObject(_ call: S3Call) async throws -> HTTPResponse {
        let (bucket, basis) = try await writable(call, .write)
        let key = try call.key()
        try Self.refuseUnsupported(call.fields)
        let source = try await source(call)
        let replaces = try Self.replaces("metadata", call.fields)
        if source.bucket == bucket.name, source.key == key, source.version == nil, !replaces,
            !call.fields.contains("x-amz-server-side-encryption")
        {
            throw S3Error(
                .invalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata."
            )
        }
        let headers = replaces ? try Self.headers(call.fields) : nil
        let now = environment.wallClock.now
        let (owner, list) = try await newAccess(call, in: bucket, basis)
        let lock = try newLock(call.fields, in: bucket)
        let given = try newEncryption(call.fields, in: bucket)
        let replacesTags = try Self.replaces("tagging", call.fields)
        let tags = replacesTags ? try Self.tags(call.fields) : nil
        let fields = call.fields
        let copied = Mutex(ObjectVersion.null)
        let describe: @Sendable (ObjectRecord) throws -> ObjectRecord = { original in
            try Self.checkSource(original, fields)
            copied.withLock { $0 = original.version }
            var copy = original
            (copy.key, copy.modified, copy.owner) = (key, now, owner)
            copy.attributes = ObjectAttributes()
            copy.attributes.access = list
            copy.attributes.lock = lock
            copy.attributes.encryption = given.encryption
            copy.attributes.tags = replacesTags ? tags : original.attributes.tags
            if let headers { copy.headers = headers }
            return copy
        }
        let record = try await copy(source, to: bucket, call, given, describe)
        var response = HTTPResponse.xml(BucketDocuments.copied(record))
        Self.tellNew(record.version, &response.fields)
        Self.tell(given.encryption, &response.fields)
        let version = copied.withLock(\.self)
        if version != .null { response.fields["x-amz-copy-source-version-id"] = version.text }
        return response
    }

    /// Shares the bytes, unless they have to be hidden otherwise than they are: then they are written anew.
    private func copy(
        _ source: (bucket: BucketName, key: ObjectKey, version: ObjectVersion?), to bucket: BucketRecord,
        _ call: S3Call,
        _ given: GivenEncryption, _ describe: @escaping @Sendable (ObjectRecord) throws -> ObjectRecord
    ) async throws -> ObjectRecord {
        let sourceGiven = try GivenEncryption.ofSource(call.fields)
        let original = try await store.object(source.key, version: source.version, in: source.bucket)
        let hidden = original.attributes.encryption
        try sourceGiven.check(hidden)
        guard hidden != given.encryption else {
            return try await store.copy(
                source.key, version: source.version, in: source.bucket, to: bucket.name, if: call.condition
            ) { current in
                // It may be another by now.
                guard current.attributes.encryption == hidden else { throw StoreError.conditionFailed }
                return try describe(current)
            }
        }
        let (record, reader) = try await open(
            source.key, source.version, in: try store.bucket(source.bucket), sourceGiven)
        var described = try describe(record)
        // It is one piece from now on, whatever parts it came in.
        let (content, result) = try await receive(
            UploadDigests(HTTPFields(), algorithm: record.checksum?.algorithm), hidden: given,
            upTo: .max, from: reader.pieces(of: 0..<record.size))
        (described.tag, described.checksum) = (result.md5, result.checksum)
        return try await store.publish(
            content, as: described, in: bucket.name, if: call.condition)
    }

    /// The object that is copied, which the caller has to be allowed to read.
    func source(_ call: S3Call) async throws -> (bucket: BucketName, key: ObjectKey, version: ObjectVersion?)
    {
        let invalid = S3Error(
            .invalidArgument, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        guard let text = call.fields["x-amz-copy-source"] else { throw invalid }
        let path = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var version: ObjectVersion?
        if path.count == 2 {
            guard let name = RequestQuery(path[1])?["versionId"], let named = ObjectVersion(parsing: name)
            else {
                throw S3Call.noSuchVersionID
            }
            version = named
        }
        guard let decoded = PercentEncoding.text(path[0].utf8) else { throw invalid }
        let bytes = decoded.utf8.drop { $0 == UInt8(ascii: "/") }
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")),
            let name = BucketName(parsing: String(decoding: bytes[..<slash], as: UTF8.self))
        else { throw invalid }
        let key = try S3Call.key(String(decoding: bytes[slash...].dropFirst(), as: UTF8.self))
        let bucket = try store.bucket(name)
        try await authorize(call, .reading(key.text, version), in: bucket)
        return (name, key, version)
    }

    /// Whether what the original has is replaced by what the request has.
    private static func replaces(_ what: String, _ fields: HTTPFields) throws(S3Error) -> Bool {
        switch fields["x-amz-\(what)-directive"]?.uppercased() {
        case nil, "COPY": return false
        case "REPLACE": return true
        default: throw S3Error(.invalidArgument, "Unknown \(what) directive.")
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

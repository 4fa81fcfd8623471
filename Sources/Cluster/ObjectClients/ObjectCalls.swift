import Core
import Cryptography
import HTTPClients
public import HTTPModel
public import ObjectModel
import S3Messages
import S3Signatures

/// A bucket, as it is listed.
public struct BucketSummary: Hashable, Sendable, Codable {
    public var name: String
    public var createdAt: String
}

/// An object, as it is listed.
public struct ObjectSummary: Hashable, Sendable, Codable {
    public var key: String
    public var size: Int64
    public var tag: String
    public var modified: String
}

/// One page of a listing.
public struct ObjectPage: Hashable, Sendable {
    public var objects: [ObjectSummary]
    public var prefixes: [String]
    /// Where the next page begins; nil on the last.
    public var next: String?
}

/// What the store says of an object that was sent to it.
public struct StoredObject: Hashable, Sendable {
    /// Without quotes.
    public var tag: String
    /// Whether the store has the checksum which was sent behind the bytes.
    public var isVerified: Bool

    public init(tag: String, isVerified: Bool) {
        self.tag = tag
        self.isVerified = isVerified
    }
}

/// What is known of an object.
public struct ObjectDescription: Sendable {
    public var size: Int64
    /// Without quotes.
    public var tag: String
    public var modified: String
    /// Of all of its bytes, where the store has one and was asked.
    public var checksum: ObjectChecksum?
    /// Its other fields: content fields, and metadata.
    public var fields: HTTPFields
}

extension ObjectClient {
    // MARK: Buckets

    public func buckets() async throws -> [BucketSummary] {
        let root = try Self.document(await call(Request(method: .get)).body)
        return (root["Buckets"]?.all("Bucket") ?? []).map {
            BucketSummary(name: $0["Name"]?.text ?? "", createdAt: $0["CreationDate"]?.text ?? "")
        }
    }

    public func createBucket(_ bucket: String) async throws {
        _ = try await call(Request(method: .put, bucket: bucket))
    }

    public func deleteBucket(_ bucket: String) async throws {
        _ = try await call(Request(method: .delete, bucket: bucket))
    }

    // MARK: Objects

    /// One page of what begins with `prefix`; up to the first slash behind it, unless `isRecursive`.
    public func list(
        _ bucket: String, prefix: String, isRecursive: Bool, after token: String? = nil
    ) async throws -> ObjectPage {
        var items: [RequestQuery.Item] = [
            .init("list-type", "2"), .init("prefix", prefix), .init("encoding-type", "url"),
        ]
        if !isRecursive { items.append(.init("delimiter", "/")) }
        if let token { items.append(.init("continuation-token", token)) }
        let root = try Self.document(
            await call(Request(method: .get, bucket: bucket, query: RequestQuery(items))).body)
        let isEncoded = root["EncodingType"]?.text == "url"
        let text = { (node: XMLNode?) -> String in
            let text = node?.text ?? ""
            // Amazon writes a blank as a plus here.
            return isEncoded ? PercentEncoding.text(text.utf8, plusIsSpace: true) ?? text : text
        }
        return ObjectPage(
            objects: root.all("Contents").map { node in
                ObjectSummary(
                    key: text(node["Key"]), size: Int64(node["Size"]?.text ?? "") ?? 0,
                    tag: Self.bare(node["ETag"]?.text), modified: node["LastModified"]?.text ?? "")
            },
            prefixes: root.all("CommonPrefixes").map { text($0["Prefix"]) },
            next: root["IsTruncated"]?.text == "true" ? root["NextContinuationToken"]?.text : nil)
    }

    public func describe(_ bucket: String, _ key: String) async throws -> ObjectDescription {
        let fields = HTTPFields(["x-amz-checksum-mode": "ENABLED"])
        return Self.description(
            try await send(Request(method: .head, bucket: bucket, key: key, fields: fields)).fields)
    }

    /// An object: what is known of it, and its bytes as they come.
    ///
    /// - Parameters:
    ///   - range: of its bytes, not an empty one; all unless said.
    ///   - tag: it is read only while it has this tag: else ``ApolloError`` of kind `conflict`.
    public func get(
        _ bucket: String, _ key: String, range: Range<Int64>? = nil, ifTag tag: String? = nil
    ) async throws -> (ObjectDescription, any HTTPBodyReader) {
        var fields = HTTPFields(["x-amz-checksum-mode": "ENABLED"])
        if let range { fields["Range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)" }
        if let tag { fields["If-Match"] = "\"\(tag)\"" }
        let response = try await send(
            Request(method: .get, bucket: bucket, key: key, fields: fields, isLong: true))
        if range != nil, response.status != .partialContent {
            throw ApolloError(
                .unavailable, "the store gives s3://\(bucket)/\(key) only as a whole",
                hint: "give --parallel 1")
        }
        return (Self.description(response.fields), response.body)
    }

    /// Stores an object.
    ///
    /// - Parameters:
    ///   - fields: content fields, and metadata.
    ///   - isNew: only where there is none of this key: else ``ApolloError`` of kind `conflict`.
    public func put(
        _ bucket: String, _ key: String, _ body: ObjectBody, fields: HTTPFields = HTTPFields(),
        isNew: Bool = false
    ) async throws -> StoredObject {
        var fields = fields
        if isNew { fields["If-None-Match"] = "*" }
        let checksum = sendsChecksums ? BodyChecksum() : nil
        let answer = try await call(
            Request(
                method: .put, bucket: bucket, key: key, fields: fields, body: body, isLong: true,
                isRepeatable: !isNew, checksum: checksum))
        return StoredObject(
            tag: Self.bare(answer.fields["ETag"]), isVerified: Self.isVerified(answer.fields, checksum))
    }

    /// Whether the store says that it has what was sent.
    static func isVerified(_ fields: HTTPFields, _ sent: BodyChecksum?) -> Bool {
        guard let sent = sent?.value else { return false }
        return fields[sent.algorithm.field] == sent.value
    }

    /// Copies within the store, and returns the tag of what was made.
    public func copy(from source: (bucket: String, key: String), to bucket: String, _ key: String)
        async throws -> String
    {
        let path = PercentEncoding.encode("\(source.bucket)/\(source.key)", keepsSlash: true)
        let root = try await document(
            Request(
                method: .put, bucket: bucket, key: key, fields: HTTPFields(["x-amz-copy-source": path]),
                isLong: true), expecting: "CopyObjectResult")
        return Self.bare(root["ETag"]?.text)
    }

    public func delete(_ bucket: String, _ key: String) async throws {
        _ = try await call(Request(method: .delete, bucket: bucket, key: key))
    }

    /// Removes up to ``mostDeletions`` objects at once.
    ///
    /// - Returns: those that were not removed, with the reason.
    public func delete(_ bucket: String, _ keys: [String]) async throws -> [(key: String, reason: String)] {
        precondition(keys.count <= Self.mostDeletions)
        var writer = XMLWriter()
        writer.element("Delete", namespace: XMLWriter.namespace) { writer in
            for key in keys { writer.element("Object") { $0.element("Key", key) } }
            writer.element("Quiet", true)
        }
        let digest = MessageDigest.hash(writer.bytes, .md5)
        let root = try Self.document(
            await call(
                Request(
                    method: .post, bucket: bucket, query: RequestQuery([.init("delete", "")]),
                    fields: HTTPFields([
                        "Content-MD5": Base64.encode(digest), "Content-Type": "application/xml",
                    ]),
                    body: .bytes(writer.bytes))
            ).body)
        return root.all("Error").map {
            ($0["Key"]?.text ?? "", $0["Message"]?.text ?? $0["Code"]?.text ?? "")
        }
    }

    /// What one request removes at most.
    public static let mostDeletions = 1000

    // MARK: Reading answers

    static func document(_ bytes: [UInt8]) throws(ApolloError) -> XMLNode {
        do throws(XMLError) { return try XMLReader.read(bytes) } catch {
            throw ApolloError(
                .corrupt, "the answer of the store cannot be understood: \(error.reason)",
                hint: "is it an S3 store?")
        }
    }

    static func bare(_ tag: String?) -> String { (tag ?? "").filter { $0 != "\"" } }

    private static func description(_ fields: HTTPFields) -> ObjectDescription {
        let own = [
            "content-type", "cache-control", "content-disposition", "content-encoding", "content-language",
        ]
        let kept = fields.lines.filter {
            own.contains($0.name.lowercased()) || $0.name.lowercased().hasPrefix("x-amz-meta-")
        }
        // Of a range: `bytes 0-9/1000`.
        let whole = fields["Content-Range"]?.split(separator: "/").last.flatMap { Int64($0) }
        return ObjectDescription(
            size: whole ?? fields["Content-Length"].flatMap { Int64($0) } ?? 0, tag: bare(fields["ETag"]),
            modified: fields["Last-Modified"] ?? "", checksum: checksum(fields), fields: HTTPFields(kept))
    }

    /// That of all bytes: those of parts say nothing of them.
    private static func checksum(_ fields: HTTPFields) -> ObjectChecksum? {
        guard fields["x-amz-checksum-type"]?.uppercased() != "COMPOSITE" else { return nil }
        for algorithm in ObjectChecksum.Algorithm.allCases {
            guard let value = fields[algorithm.field], !value.contains("-") else { continue }
            return ObjectChecksum(algorithm, value)
        }
        return nil
    }
}

import Core
public import HTTPClients
public import HTTPModel
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

/// What is known of an object.
public struct ObjectDescription: Sendable {
    public var size: Int64
    /// Without quotes.
    public var tag: String
    public var modified: String
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
            return isEncoded ? PercentEncoding.text(text.utf8) ?? text : text
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
        Self.description(try await send(Request(method: .head, bucket: bucket, key: key)).fields)
    }

    /// An object: what is known of it, and its bytes as they come.
    public func get(
        _ bucket: String, _ key: String
    ) async throws -> (ObjectDescription, any HTTPBodyReader) {
        let response = try await send(Request(method: .get, bucket: bucket, key: key, isLong: true))
        return (Self.description(response.fields), response.body)
    }

    /// Stores an object, and returns its tag.
    ///
    /// - Parameter fields: content fields, and metadata.
    public func put(
        _ bucket: String, _ key: String, _ body: HTTPClientBody, fields: HTTPFields = HTTPFields()
    ) async throws -> String {
        let answer = try await call(
            Request(
                method: .put, bucket: bucket, key: key, fields: fields, body: body,
                payload: RequestSigner.unsignedPayload, isLong: true))
        return Self.bare(answer.fields["ETag"])
    }

    /// Copies within the store.
    public func copy(from source: (bucket: String, key: String), to bucket: String, _ key: String)
        async throws
    {
        let path = PercentEncoding.encode("\(source.bucket)/\(source.key)", keepsSlash: true)
        let answer = try await call(
            Request(
                method: .put, bucket: bucket, key: key, fields: HTTPFields(["x-amz-copy-source": path]),
                isLong: true))
        // A copy that takes long may fail after its status was sent.
        let root = try Self.document(answer.body)
        guard root.name == "CopyObjectResult" else {
            throw ApolloError(
                .unavailable, "the copy was not made: \(root["Message"]?.text ?? root.name)",
                hint: "try again")
        }
    }

    public func delete(_ bucket: String, _ key: String) async throws {
        _ = try await call(Request(method: .delete, bucket: bucket, key: key))
    }

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
        return ObjectDescription(
            size: fields["Content-Length"].flatMap { Int64($0) } ?? 0, tag: bare(fields["ETag"]),
            modified: fields["Last-Modified"] ?? "", fields: HTTPFields(kept))
    }
}

import Core
import Cryptography
public import HTTPModel
import ObjectModel
import S3Messages
import S3Signatures

/// A part of an upload, as it was stored.
public struct UploadedPart: Hashable, Sendable {
    public var number: Int
    public var tag: String
    /// Nil where the store did not say it.
    public var size: Int64?
    /// Whether the store said that it has the checksum which was sent.
    public var isVerified = false

    public init(number: Int, tag: String, size: Int64? = nil) {
        self.number = number
        self.tag = tag
        self.size = size
    }
}

/// An upload that is under way.
public struct UploadSummary: Hashable, Sendable, Codable {
    public var key: String
    public var id: String
    public var begun: String
}

// Objects that are sent in parts.
extension ObjectClient {
    /// Begins an upload, and returns its id.
    public func beginUpload(
        _ bucket: String, _ key: String, fields: HTTPFields = HTTPFields()
    ) async throws -> String {
        var fields = fields
        if sendsChecksums {
            fields["x-amz-checksum-algorithm"] = ObjectBody.trailer.rawValue
            // That of the whole, which whoever reads it can hold it against.
            fields["x-amz-checksum-type"] = ObjectChecksum.Kind.whole.rawValue
        }
        let answer = try await call(
            Request(
                method: .post, bucket: bucket, key: key, query: RequestQuery([.init("uploads", "")]),
                fields: fields))
        guard let id = try Self.document(answer.body)["UploadId"]?.text, !id.isEmpty else {
            throw ApolloError(.corrupt, "the answer of the store names no upload", hint: "is it an S3 store?")
        }
        return id
    }

    public func uploadPart(
        _ bucket: String, _ key: String, upload: String, number: Int, _ body: ObjectBody
    ) async throws -> UploadedPart {
        let query = RequestQuery([.init("partNumber", "\(number)"), .init("uploadId", upload)])
        let checksum = sendsChecksums ? BodyChecksum() : nil
        let answer = try await call(
            Request(
                method: .put, bucket: bucket, key: key, query: query, body: body, isLong: true,
                checksum: checksum))
        var part = UploadedPart(number: number, tag: Self.bare(answer.fields["ETag"]))
        part.isVerified = Self.isVerified(answer.fields, checksum)
        return part
    }

    /// The parts of an upload that are stored.
    ///
    /// - Throws: ``ApolloError`` of kind `notFound` where there is no such upload any more.
    public func parts(_ bucket: String, _ key: String, upload: String) async throws -> [UploadedPart] {
        var parts: [UploadedPart] = []
        var marker: String?
        repeat {
            let items =
                [RequestQuery.Item("uploadId", upload)]
                + (marker.map { [.init("part-number-marker", $0)] } ?? [])
            let root = try Self.document(
                await call(Request(method: .get, bucket: bucket, key: key, query: RequestQuery(items))).body)
            parts += root.all("Part").compactMap { node in
                guard let number = Int(node["PartNumber"]?.text ?? "") else { return nil }
                return UploadedPart(
                    number: number, tag: Self.bare(node["ETag"]?.text),
                    size: node["Size"].flatMap { Int64($0.text) })
            }
            let next = root["IsTruncated"]?.text == "true" ? root["NextPartNumberMarker"]?.text : nil
            // A store that stays where it is would keep us here.
            marker = next == marker ? nil : next
        } while marker != nil
        return parts
    }

    /// The uploads under way whose keys begin with `prefix`.
    public func uploads(_ bucket: String, prefix: String) async throws -> [UploadSummary] {
        var found: [UploadSummary] = []
        var marker: (key: String, id: String)?
        repeat {
            var items = [RequestQuery.Item("uploads", ""), .init("prefix", prefix)]
            if let marker {
                items += [.init("key-marker", marker.key), .init("upload-id-marker", marker.id)]
            }
            let root = try Self.document(
                await call(Request(method: .get, bucket: bucket, query: RequestQuery(items))).body)
            found += root.all("Upload").map {
                UploadSummary(
                    key: $0["Key"]?.text ?? "", id: $0["UploadId"]?.text ?? "",
                    begun: $0["Initiated"]?.text ?? "")
            }
            let last = marker
            marker = nil
            if root["IsTruncated"]?.text == "true" {
                let next = (root["NextKeyMarker"]?.text ?? "", root["NextUploadIdMarker"]?.text ?? "")
                if last.map({ $0 != next }) ?? true { marker = next }
            }
        } while marker != nil
        return found
    }

    /// Puts the parts together, and returns the object's tag.
    public func completeUpload(
        _ bucket: String, _ key: String, upload: String, _ parts: [UploadedPart]
    ) async throws -> String {
        var writer = XMLWriter()
        writer.element("CompleteMultipartUpload", namespace: XMLWriter.namespace) { writer in
            for part in parts {
                writer.element("Part") { writer in
                    writer.element("PartNumber", Int64(part.number))
                    writer.element("ETag", "\"\(part.tag)\"")
                }
            }
        }
        let request = Request(
            method: .post, bucket: bucket, key: key, query: RequestQuery([.init("uploadId", upload)]),
            body: .bytes(writer.bytes), isLong: true)
        do {
            return Self.bare(
                try await document(request, expecting: "CompleteMultipartUploadResult")["ETag"]?.text)
        } catch let error as ApolloError where error.kind == .notFound {
            // It may have been done by a try whose answer was lost.
            guard let tag = Self.tag(of: parts), let there = try? await describe(bucket, key),
                there.tag == tag
            else { throw error }
            return tag
        }
    }

    /// The tag of an object that these parts make; nil where theirs are no MD5.
    public static func tag(of parts: [UploadedPart]) -> String? {
        var digests: [UInt8] = []
        for part in parts {
            guard let digest = Hex.decode(part.tag), digest.count == 16 else { return nil }
            digests += digest
        }
        return "\(Hex.encode(MessageDigest.hash(digests, .md5)))-\(parts.count)"
    }

    /// Gives an upload up.
    public func abortUpload(_ bucket: String, _ key: String, upload: String) async throws {
        _ = try await call(
            Request(
                method: .delete, bucket: bucket, key: key, query: RequestQuery([.init("uploadId", upload)])))
    }
}

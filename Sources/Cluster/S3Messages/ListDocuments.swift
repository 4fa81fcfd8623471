import Core
public import ObjectModel

/// The answers that list buckets and objects.
public enum ListDocuments {
    /// What a request to list has besides what selects.
    public struct Request: Hashable, Sendable {
        public var bucket: String
        public var query: ListQuery
        /// The second version of the call.
        public var isSecond: Bool
        /// Whether keys are written percent-encoded.
        public var isEncoded: Bool
        /// What the caller gave as the place to begin at: `marker`, or `start-after`.
        public var given: String
        /// The continuation token that the caller gave.
        public var token: String?
        /// Whether owners are written.
        public var hasOwner: Bool

        public init(
            bucket: String, query: ListQuery, isSecond: Bool, isEncoded: Bool, given: String, token: String?,
            hasOwner: Bool
        ) {
            self.bucket = bucket
            self.query = query
            self.isSecond = isSecond
            self.isEncoded = isEncoded
            self.given = given
            self.token = token
            self.hasOwner = hasOwner
        }
    }

    /// - Parameter next: the token of the next page; nil where this is the last.
    public static func buckets(
        _ buckets: [BucketRecord], owner: String, prefix: String?, next: String?
    ) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ListAllMyBucketsResult", namespace: XMLWriter.namespace) { writer in
            self.owner(owner, &writer)
            writer.element("Buckets") { writer in
                for bucket in buckets {
                    writer.element("Bucket") { writer in
                        writer.element("Name", bucket.name.text)
                        writer.element("CreationDate", bucket.createdAt.description)
                    }
                }
            }
            writer.element("Prefix", optional: prefix)
            writer.element("ContinuationToken", optional: next)
        }
        return writer.bytes
    }

    static func owner(_ owner: String, _ writer: inout XMLWriter, _ role: String = "Owner") {
        writer.element(role) { writer in
            writer.element("ID", owner)
            writer.element("DisplayName", owner)
        }
    }

    /// - Parameters:
    ///   - next: the token of the next page; nil where this is the last.
    ///   - encode: how keys are written where they are encoded.
    public static func objects(
        _ page: ListPage, _ request: Request, next: String?, owner: String,
        encode: @escaping (String) -> String
    ) -> [UInt8] {
        let text = { (text: String) in request.isEncoded ? encode(text) : text }
        var writer = XMLWriter()
        writer.element("ListBucketResult", namespace: XMLWriter.namespace) { writer in
            writer.element("Name", request.bucket)
            // In the first version of the call clients do not decode it.
            writer.element("Prefix", request.isSecond ? text(request.query.prefix) : request.query.prefix)
            if request.isSecond {
                if !request.given.isEmpty { writer.element("StartAfter", text(request.given)) }
                writer.element("ContinuationToken", optional: request.token)
                writer.element("NextContinuationToken", optional: next)
                writer.element("KeyCount", Int64(page.count))
            } else {
                writer.element("Marker", text(request.given))
                if !request.query.delimiter.isEmpty {
                    writer.element("NextMarker", optional: page.next.map(text))
                }
            }
            writer.element("MaxKeys", Int64(request.query.limit))
            if !request.query.delimiter.isEmpty { writer.element("Delimiter", text(request.query.delimiter)) }
            if request.isEncoded { writer.element("EncodingType", "url") }
            writer.element("IsTruncated", page.next != nil)
            for object in page.objects { self.object(object, text, request, owner, &writer) }
            for prefix in page.prefixes {
                writer.element("CommonPrefixes") { $0.element("Prefix", text(prefix)) }
            }
        }
        return writer.bytes
    }

    private static func object(
        _ object: ListedObject, _ text: (String) -> String, _ request: Request, _ owner: String,
        _ writer: inout XMLWriter
    ) {
        writer.element("Contents") { writer in
            writer.element("Key", text(object.key.text))
            writer.element("LastModified", object.modified.description)
            writer.element("ETag", "\"\(object.tag)\"")
            if let checksum = object.checksum {
                writer.element("ChecksumAlgorithm", checksum.algorithm.rawValue)
                writer.element("ChecksumType", checksum.kind.rawValue)
            }
            writer.element("Size", object.size)
            if request.hasOwner { self.owner(object.owner.isEmpty ? owner : object.owner, &writer) }
            writer.element("StorageClass", "STANDARD")
        }
    }
}

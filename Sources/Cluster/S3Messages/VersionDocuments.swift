import Core
public import ObjectModel

/// Whether a bucket keeps versions, asked and answered.
public enum VersioningDocument {
    public static func document(_ versioning: BucketVersioning?) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("VersioningConfiguration", namespace: XMLWriter.namespace) { writer in
            writer.element("Status", optional: versioning?.rawValue)
        }
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8]) throws(S3Error) -> BucketVersioning {
        let root = try RequestDocument.read(bytes, "VersioningConfiguration")
        if root["MfaDelete"]?.text == "Enabled" {
            throw S3Error(.notImplemented, "Deletion with a second factor is not implemented.")
        }
        guard let status = root["Status"].flatMap({ BucketVersioning(rawValue: $0.text) }) else {
            throw RequestDocument.malformed
        }
        return status
    }
}

extension ListDocuments {
    /// - Parameter encode: how keys are written where they are encoded.
    public static func versions(
        _ page: VersionPage, _ request: Request, marker: String?, owner: String,
        encode: @escaping (String) -> String
    ) -> [UInt8] {
        let text = { (text: String) in request.isEncoded ? encode(text) : text }
        var writer = XMLWriter()
        writer.element("ListVersionsResult", namespace: XMLWriter.namespace) { writer in
            writer.element("Name", request.bucket)
            writer.element("Prefix", text(request.query.prefix))
            writer.element("KeyMarker", text(request.given))
            writer.element("VersionIdMarker", marker ?? "")
            writer.element("NextKeyMarker", optional: page.nextKey.map(text))
            writer.element("NextVersionIdMarker", optional: page.nextVersion?.text)
            writer.element("MaxKeys", Int64(request.query.limit))
            if !request.query.delimiter.isEmpty { writer.element("Delimiter", text(request.query.delimiter)) }
            if request.isEncoded { writer.element("EncodingType", "url") }
            writer.element("IsTruncated", page.nextKey != nil)
            for version in page.versions { self.version(version, text, owner, &writer) }
            for prefix in page.prefixes {
                writer.element("CommonPrefixes") { $0.element("Prefix", text(prefix)) }
            }
        }
        return writer.bytes
    }

    private static func version(
        _ version: ListedVersion, _ text: (String) -> String, _ owner: String, _ writer: inout XMLWriter
    ) {
        let record = version.record
        writer.element(record.isMarker ? "DeleteMarker" : "Version") { writer in
            writer.element("Key", text(record.key.text))
            writer.element("VersionId", record.version.text)
            writer.element("IsLatest", version.isLatest)
            writer.element("LastModified", record.modified.description)
            if !record.isMarker {
                writer.element("ETag", "\"\(record.tag)\"")
                if let checksum = record.checksum {
                    writer.element("ChecksumAlgorithm", checksum.algorithm.rawValue)
                    writer.element("ChecksumType", checksum.kind.rawValue)
                }
                writer.element("Size", record.size)
                writer.element("StorageClass", "STANDARD")
            }
            self.owner(record.owner.isEmpty ? owner : record.owner, &writer)
        }
    }
}

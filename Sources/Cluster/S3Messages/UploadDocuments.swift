public import Core
public import ObjectModel

/// The answers about uploads in parts.
public enum UploadDocuments {
    public static func begun(_ id: UploadID, bucket: String, key: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("InitiateMultipartUploadResult", namespace: XMLWriter.namespace) { writer in
            writer.element("Bucket", bucket)
            writer.element("Key", key)
            writer.element("UploadId", id.text)
        }
        return writer.bytes
    }

    public static func copied(_ part: PartRecord) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("CopyPartResult", namespace: XMLWriter.namespace) { writer in
            writer.element("LastModified", part.modified.description)
            writer.element("ETag", "\"\(part.tag)\"")
        }
        return writer.bytes
    }

    public static func completed(_ record: ObjectRecord, bucket: String, location: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("CompleteMultipartUploadResult", namespace: XMLWriter.namespace) { writer in
            writer.element("Location", location)
            writer.element("Bucket", bucket)
            writer.element("Key", record.key.text)
            writer.element("ETag", "\"\(record.tag)\"")
            if let checksum = record.checksum {
                writer.element("Checksum\(checksum.algorithm.rawValue)", checksum.value)
                writer.element("ChecksumType", checksum.kind.rawValue)
            }
        }
        return writer.bytes
    }

    /// - Parameter isTruncated: whether there are more parts.
    public static func parts(
        _ parts: [PartRecord], of upload: UploadRecord, bucket: String, after number: Int, limit: Int,
        isTruncated: Bool, owner: String
    ) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ListPartsResult", namespace: XMLWriter.namespace) { writer in
            writer.element("Bucket", bucket)
            writer.element("Key", upload.key.text)
            writer.element("UploadId", upload.id.text)
            let name = upload.owner.isEmpty ? owner : upload.owner
            ListDocuments.owner(name, &writer)
            ListDocuments.owner(name, &writer, "Initiator")
            writer.element("StorageClass", "STANDARD")
            writer.element("PartNumberMarker", Int64(number))
            if isTruncated, let last = parts.last {
                writer.element("NextPartNumberMarker", Int64(last.number))
            }
            writer.element("MaxParts", Int64(limit))
            writer.element("IsTruncated", isTruncated)
            if let algorithm = upload.algorithm {
                writer.element("ChecksumAlgorithm", algorithm.rawValue)
                writer.element("ChecksumType", upload.kind.rawValue)
            }
            for part in parts { self.part(part, upload.algorithm, &writer) }
        }
        return writer.bytes
    }

    private static func part(
        _ part: PartRecord, _ algorithm: ObjectChecksum.Algorithm?, _ writer: inout XMLWriter
    ) {
        writer.element("Part") { writer in
            writer.element("PartNumber", Int64(part.number))
            writer.element("LastModified", part.modified.description)
            writer.element("ETag", "\"\(part.tag)\"")
            writer.element("Size", part.size)
            if let algorithm, let checksum = part.checksum {
                writer.element("Checksum\(algorithm.rawValue)", checksum)
            }
        }
    }

    /// - Parameter isTruncated: whether there are more uploads.
    public static func uploads(
        _ uploads: [UploadRecord], bucket: String, prefix: String, marker: String, limit: Int,
        isTruncated: Bool, owner: String
    ) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ListMultipartUploadsResult", namespace: XMLWriter.namespace) { writer in
            writer.element("Bucket", bucket)
            writer.element("KeyMarker", marker)
            writer.element("Prefix", prefix)
            if isTruncated, let last = uploads.last {
                writer.element("NextKeyMarker", last.key.text)
                writer.element("NextUploadIdMarker", last.id.text)
            }
            writer.element("MaxUploads", Int64(limit))
            writer.element("IsTruncated", isTruncated)
            for upload in uploads {
                writer.element("Upload") { writer in
                    writer.element("Key", upload.key.text)
                    writer.element("UploadId", upload.id.text)
                    let name = upload.owner.isEmpty ? owner : upload.owner
                    ListDocuments.owner(name, &writer)
                    ListDocuments.owner(name, &writer, "Initiator")
                    writer.element("StorageClass", "STANDARD")
                    writer.element("Initiated", upload.createdAt.description)
                }
            }
        }
        return writer.bytes
    }
}

/// What is asked for where an upload is put together.
public struct CompleteRequest: Hashable, Sendable {
    public var parts: [NamedPart]

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let root = try RequestDocument.read(bytes, "CompleteMultipartUpload")
        let nodes = root.all("Part")
        guard (1...PartRecord.numbers.upperBound).contains(nodes.count) else {
            throw RequestDocument.malformed
        }
        parts = []
        for node in nodes {
            guard let number = node["PartNumber"].flatMap({ Int($0.text) }), let tag = node["ETag"]?.text
            else { throw RequestDocument.malformed }
            let checksum = ObjectChecksum.Algorithm.allCases.lazy
                .compactMap { node["Checksum\($0.rawValue)"]?.text }.first
            parts.append(
                NamedPart(number: number, tag: tag.filter { $0 != "\"" }, checksum: checksum))
        }
    }
}

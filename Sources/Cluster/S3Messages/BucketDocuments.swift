import Core
public import ObjectModel

/// Short answers about a bucket or an object.
public enum BucketDocuments {
    /// Where a bucket is: an empty text is S3's own first region.
    public static func location(_ region: String) -> [UInt8] {
        var writer = XMLWriter()
        if region == "us-east-1" {
            writer.element("LocationConstraint", namespace: XMLWriter.namespace) { _ in }
        } else {
            writer.element("LocationConstraint", region)
        }
        return writer.bytes
    }

    /// Of an object that came as a form.
    public static func posted(_ record: ObjectRecord, bucket: String, location: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("PostResponse") { writer in
            writer.element("Location", location)
            writer.element("Bucket", bucket)
            writer.element("Key", record.key.text)
            writer.element("ETag", "\"\(record.tag)\"")
        }
        return writer.bytes
    }

    public static func copied(_ record: ObjectRecord) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("CopyObjectResult", namespace: XMLWriter.namespace) { writer in
            writer.element("LastModified", record.modified.description)
            writer.element("ETag", "\"\(record.tag)\"")
            if let checksum = record.checksum {
                writer.element("Checksum\(checksum.algorithm.rawValue)", checksum.value)
            }
        }
        return writer.bytes
    }
}

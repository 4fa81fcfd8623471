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

    /// That its owner may do everything: who else may what is said by grants of the platform.
    public static func ownership(_ owner: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("AccessControlPolicy", namespace: XMLWriter.namespace) { writer in
            ListDocuments.owner(owner, &writer)
            writer.element("AccessControlList") { writer in
                writer.element("Grant") { writer in
                    // The type stands in an attribute, which clients look for.
                    writer.element(
                        "Grantee",
                        attributes:
                            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\""
                    ) { writer in
                        writer.element("ID", owner)
                        writer.element("DisplayName", owner)
                    }
                    writer.element("Permission", "FULL_CONTROL")
                }
            }
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

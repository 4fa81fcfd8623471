public import ObjectModel

/// What is asked of an object without its bytes (`GetObjectAttributes`).
public struct AttributeRequest: Hashable, Sendable {
    public static let names: Set<String> = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]

    public var wanted: Set<String>
    public var maximumParts: Int
    /// Only parts behind it.
    public var after: Int

    public init(wanted: Set<String>, maximumParts: Int, after: Int) {
        self.wanted = wanted
        self.maximumParts = maximumParts
        self.after = after
    }

    /// - Parameter parts: those that the object came in; empty where it came whole.
    public func document(_ record: ObjectRecord, _ parts: [ObjectPart]) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("GetObjectAttributesResponse", namespace: XMLWriter.namespace) { writer in
            if wanted.contains("ETag") { writer.element("ETag", record.tag) }
            if wanted.contains("Checksum"), let checksum = record.checksum {
                writer.element("Checksum") { writer in
                    writer.element("Checksum\(checksum.algorithm.rawValue)", checksum.value)
                    writer.element("ChecksumType", checksum.kind.rawValue)
                }
            }
            if wanted.contains("ObjectParts"), !parts.isEmpty { self.parts(parts, record, &writer) }
            if wanted.contains("StorageClass") { writer.element("StorageClass", "STANDARD") }
            if wanted.contains("ObjectSize") { writer.element("ObjectSize", record.size) }
        }
        return writer.bytes
    }

    private func parts(_ parts: [ObjectPart], _ record: ObjectRecord, _ writer: inout XMLWriter) {
        let page = parts.filter { $0.number > after }.prefix(maximumParts)
        let last = page.last?.number ?? after
        writer.element("ObjectParts") { writer in
            writer.element("PartsCount", Int64(parts.count))
            writer.element("PartNumberMarker", Int64(after))
            writer.element("NextPartNumberMarker", Int64(last))
            writer.element("MaxParts", Int64(maximumParts))
            writer.element("IsTruncated", last < parts.count)
            for part in page {
                writer.element("Part") { writer in
                    writer.element("PartNumber", Int64(part.number))
                    writer.element("Size", part.size)
                    if let algorithm = record.checksum?.algorithm, let checksum = part.checksum {
                        writer.element("Checksum\(algorithm.rawValue)", checksum)
                    }
                }
            }
        }
    }
}

public import ObjectModel

/// Tags of objects and buckets.
public enum TagDocument {
    public static func document(_ tags: [ObjectTag]) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("Tagging", namespace: XMLWriter.namespace) { writer in
            writer.element("TagSet") { writer in
                for tag in tags {
                    writer.element("Tag") { writer in
                        writer.element("Key", tag.name)
                        writer.element("Value", tag.value)
                    }
                }
            }
        }
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8], limit: Int) throws(S3Error) -> [ObjectTag] {
        let root = try RequestDocument.read(bytes, "Tagging")
        guard let set = root["TagSet"] else { throw RequestDocument.malformed }
        var tags: [ObjectTag] = []
        for node in set.all("Tag") {
            guard let name = node["Key"]?.text, let value = node["Value"]?.text else {
                throw RequestDocument.malformed
            }
            tags.append(ObjectTag(name, value))
        }
        try check(tags, limit: limit)
        return tags.sorted { $0.name < $1.name }
    }

    public static func check(_ tags: [ObjectTag], limit: Int) throws(S3Error) {
        do throws(ObjectTag.Fault) { try ObjectTag.check(tags, limit: limit) } catch {
            switch error {
            case .tooMany(let limit):
                throw S3Error(.invalidTag, "There are more than \(limit) tags.")
            case .badName: throw S3Error(.invalidTag, "The TagKey you have provided is invalid")
            case .badValue: throw S3Error(.invalidTag, "The TagValue you have provided is invalid")
            case .repeated: throw S3Error(.invalidTag, "Cannot provide multiple Tags with the same key")
            }
        }
    }
}

/// What is asked for, and answered, where many objects are removed at once.
public struct DeleteRequest: Hashable, Sendable {
    public static let maximumKeys = 1000

    public struct Item: Hashable, Sendable {
        public var key: String
        public var version: String?
        /// The tag that the object has to have.
        public var tag: String?
    }

    public var items: [Item]
    /// Whether only failures are answered.
    public var isQuiet: Bool

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let malformed = S3Error(
            .malformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        )
        let root: XMLNode
        do throws(XMLError) { root = try XMLReader.read(bytes) } catch { throw malformed }
        let objects = root.all("Object")
        guard root.name == "Delete", (1...Self.maximumKeys).contains(objects.count) else { throw malformed }
        items = []
        for object in objects {
            guard let key = object["Key"]?.text, !key.isEmpty else { throw malformed }
            items.append(
                Item(key: key, version: object["VersionId"]?.text, tag: object["ETag"]?.text))
        }
        isQuiet = root["Quiet"]?.text == "true"
    }
}

/// What became of each.
public enum DeleteResult {
    public static func document(
        _ items: [(key: String, error: S3Error?)], isQuiet: Bool
    ) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("DeleteResult", namespace: XMLWriter.namespace) { writer in
            for (key, error) in items {
                if let error {
                    writer.element("Error") { writer in
                        writer.element("Key", key)
                        writer.element("Code", error.code.rawValue)
                        writer.element("Message", error.message)
                    }
                } else if !isQuiet {
                    writer.element("Deleted") { $0.element("Key", key) }
                }
            }
        }
        return writer.bytes
    }
}

/// What is asked for, and answered, where many objects are removed at once.
public struct DeleteRequest: Hashable, Sendable {
    public static let maximumKeys = 1000

    public struct Item: Hashable, Sendable {
        public var key: String
        public var version: String?
        /// The tag that the object has to have.
        public var tag: String?
        /// The size, and the time, that it has to have, as they were written.
        public var size: String?
        public var modified: String?
    }

    public var items: [Item]
    /// Whether only failures are answered.
    public var isQuiet: Bool

    public init(_ bytes: [UInt8]) throws(S3Error) {
        let root = try RequestDocument.read(bytes, "Delete")
        let objects = root.all("Object")
        guard (1...Self.maximumKeys).contains(objects.count) else { throw RequestDocument.malformed }
        items = []
        for object in objects {
            guard let key = object["Key"]?.text, !key.isEmpty else { throw RequestDocument.malformed }
            items.append(
                Item(
                    key: key, version: object["VersionId"]?.text, tag: object["ETag"]?.text,
                    size: object["Size"]?.text, modified: object["LastModifiedTime"]?.text))
        }
        isQuiet = root["Quiet"]?.text == "true"
    }
}

/// What became of each.
public enum DeleteResult {
    public struct Item: Hashable, Sendable {
        public var key: String
        /// The version that was named.
        public var version: String?
        /// The version that says that the object was removed, where it was made or removed.
        public var marker: String?
        public var error: S3Error?

        public init(key: String, version: String?, marker: String? = nil, error: S3Error? = nil) {
            self.key = key
            self.version = version
            self.marker = marker
            self.error = error
        }
    }

    public static func document(_ items: [Item], isQuiet: Bool) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("DeleteResult", namespace: XMLWriter.namespace) { writer in
            for item in items {
                if let error = item.error {
                    writer.element("Error") { writer in
                        writer.element("Key", item.key)
                        writer.element("VersionId", optional: item.version)
                        writer.element("Code", error.code.rawValue)
                        writer.element("Message", error.message)
                    }
                } else if !isQuiet {
                    writer.element("Deleted") { writer in
                        writer.element("Key", item.key)
                        writer.element("VersionId", optional: item.version)
                        guard let marker = item.marker else { return }
                        writer.element("DeleteMarker", true)
                        writer.element("DeleteMarkerVersionId", marker)
                    }
                }
            }
        }
        return writer.bytes
    }
}

/// Where something is: in a store, or in a file.
public enum ObjectPlace: Hashable, Sendable {
    public struct Object: Hashable, Sendable {
        public var bucket: String
        /// Empty for the bucket itself.
        public var key: String

        public init(bucket: String, key: String) {
            self.bucket = bucket
            self.key = key
        }

        public var text: String { key.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key)" }

        /// Whether it names a place for objects rather than one of them.
        public var isPrefix: Bool { key.isEmpty || key.utf8.last == UInt8(ascii: "/") }

        /// Itself, as a place for objects: what only begins alike does not belong to it.
        public var folder: Object { isPrefix ? self : Object(bucket: bucket, key: key + "/") }

        /// The object of this name under it.
        public func appending(_ name: String) -> Object { Object(bucket: bucket, key: folder.key + name) }
    }

    case object(Object)
    case file(String)

    /// Nil for what names no bucket.
    public init?(parsing text: String) {
        guard text.hasPrefix("s3://") else {
            guard !text.isEmpty else { return nil }
            self = .file(text)
            return
        }
        let rest = text.utf8.dropFirst(5)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard slash > rest.startIndex else { return nil }
        self = .object(
            Object(
                bucket: String(decoding: rest[..<slash], as: UTF8.self),
                key: String(decoding: rest[slash...].dropFirst(), as: UTF8.self)))
    }

    /// What is behind the last slash, slashes at the end left out.
    public static func lastName(_ path: String) -> String {
        path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) } ?? path
    }
}

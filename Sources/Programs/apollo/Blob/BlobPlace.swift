/// Where something is: in the store, or in a file.
enum BlobPlace: Hashable, Sendable {
    struct Object: Hashable, Sendable {
        var bucket: String
        /// Empty for the bucket itself.
        var key: String

        var text: String { key.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key)" }

        /// Whether it names a place for objects rather than one of them.
        var isPrefix: Bool { key.isEmpty || key.utf8.last == UInt8(ascii: "/") }
    }

    case object(Object)
    case file(String)

    /// Nil for what names no bucket.
    init?(parsing text: String) {
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
}

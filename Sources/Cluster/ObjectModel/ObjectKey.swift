/// The key of an object within its bucket: 1 to 1,024 bytes of UTF-8. It is no path: `a//b`, `.` and `../x` are keys like others.
///
/// Compared by its bytes. To Swift's strings `é` is the same in both of its spellings, to S3 it is not.
public struct ObjectKey: Sendable {
    public static let maximumBytes = 1024

    public let text: String

    /// Reads a key; nil where it is empty, too long, or has a NUL, which no database keeps.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumBytes, !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    public func hasPrefix(_ prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    /// Up to and with the first `delimiter` behind `prefix`, with which the key has to begin; nil where there is none.
    public func commonPrefix(behind prefix: String, delimiter: String) -> String? {
        guard !delimiter.isEmpty else { return nil }
        let bytes = Array(text.utf8)
        let mark = Array(delimiter.utf8)
        var at = prefix.utf8.count
        while at + mark.count <= bytes.count {
            if bytes[at..<at + mark.count].elementsEqual(mark) {
                return String(decoding: bytes[..<(at + mark.count)], as: UTF8.self)
            }
            at += 1
        }
        return nil
    }
}

extension ObjectKey: Hashable {
    public static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension ObjectKey: CustomStringConvertible {
    public var description: String { text }
}

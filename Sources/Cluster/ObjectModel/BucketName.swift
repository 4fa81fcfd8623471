/// The name of a bucket, by the rules of Amazon S3: it can stand in a host's name.
public struct BucketName: Hashable, Sendable, Comparable {
    public let text: String

    /// Reads a name; nil unless it is 3 to 63 lower-case letters, digits, dots and hyphens, begins and ends with a letter or digit, has
    /// no two dots in a row, and does not look like an address.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard (3...63).contains(bytes.count), bytes.allSatisfy(Self.isAllowed),
            Self.isLetterOrDigit(bytes[0]), Self.isLetterOrDigit(bytes[bytes.count - 1])
        else { return nil }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy(Self.isLabel) else { return nil }
        if labels.count == 4, labels.allSatisfy({ $0.allSatisfy { (48...57).contains($0) } }) { return nil }
        self.text = text
    }

    public static func < (a: Self, b: Self) -> Bool { a.text < b.text }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }

    /// Each part of a host's name begins and ends with a letter or digit.
    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        guard let first = label.first, let last = label.last else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}

extension BucketName: CustomStringConvertible {
    public var description: String { text }
}

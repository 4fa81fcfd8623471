/// The name of a repository within its registry, such as `team/app` (OCI distribution specification, "Pulling manifests").
public struct RepositoryName: Hashable, Sendable, Comparable {
    /// With the host it is still to fit where 255 characters are allowed.
    public static let maximumBytes = 255

    public let text: String

    /// Reads a name: `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, and such behind slashes.
    public init(parsing text: some StringProtocol) throws(ImageError) {
        guard text.utf8.count <= Self.maximumBytes,
            text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy({
                Self.isPart($0)
            })
        else { throw .repository(String(text)) }
        self.text = String(text)
    }

    /// Between its slashes.
    public var parts: [Substring] { text.split(separator: "/") }

    public static func < (a: Self, b: Self) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

    private static func isPart(_ bytes: some Sequence<UInt8>) -> Bool {
        var mark: [UInt8] = []
        var isInWord = false
        for byte in bytes {
            switch byte {
            case 97...122, 48...57:
                guard mark.isEmpty || isSeparator(mark) else { return false }
                mark = []
                isInWord = true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                guard isInWord || !mark.isEmpty else { return false }
                mark.append(byte)
                isInWord = false
            default: return false
            }
        }
        return isInWord
    }

    private static func isSeparator(_ mark: [UInt8]) -> Bool {
        mark == [UInt8(ascii: ".")] || mark == [UInt8(ascii: "_")]
            || mark == [UInt8(ascii: "_"), UInt8(ascii: "_")] || mark.allSatisfy { $0 == UInt8(ascii: "-") }
    }
}

extension RepositoryName: CustomStringConvertible {
    public var description: String { text }
}

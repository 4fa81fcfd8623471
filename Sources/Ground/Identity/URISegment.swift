import Core

/// The rules for the parts of the URIs that rights depend on. They are strict: one thing has one spelling, so that no
/// `..`, `%2f` or look-alike letter leads around a grant.
enum URISegment {
    static let maximumLength = 255

    /// What is wrong with `segment`, or nil: 1 to 255 of the characters that RFC 3986 leaves unreserved (letters,
    /// digits, `-`, `.`, `_`, `~`), and `+`, `=`, `@`, `:`, `,` besides; not `.` or `..`.
    static func fault(in segment: String) -> String? {
        if segment.isEmpty { return "it is empty" }
        if segment.utf8.count > maximumLength { return "it is longer than \(maximumLength) bytes" }
        if segment == "." || segment == ".." { return "it would lead elsewhere" }
        guard segment.utf8.allSatisfy(isAllowed) else {
            return "use letters, digits and -._~+=@:, only"
        }
        return nil
    }

    /// Splits `scheme://a/b` into its parts, which are yet to be checked.
    static func split(_ text: String) throws(ApolloError) -> (scheme: String, segments: [String]) {
        guard text.utf8.count <= ResourceURI.maximumLength else {
            throw ApolloError(.invalid, "a URI is longer than \(ResourceURI.maximumLength) bytes")
        }
        // By bytes: to Swift a slash with an accent on it is no slash, to the web it is.
        let bytes = Array(text.utf8)
        let mark = Array("://".utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: mark) else {
            throw ApolloError(
                .invalid, "'\(text.prefix(80))' is not a URI",
                hint: "write it as task://local/default/default")
        }
        let segments = bytes[(colon + mark.count)...].split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return (
            String(decoding: bytes[..<colon], as: UTF8.self),
            segments.map { String(decoding: $0, as: UTF8.self) }
        )
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        case UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: ","):
            true
        default: false
        }
    }
}

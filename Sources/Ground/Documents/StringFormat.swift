import Core

/// A form that texts may be required to have.
public struct StringFormat: Sendable {
    /// The name it is published under, as `format`.
    public var name: String
    /// A regular expression of ECMA 262 for those who read the schema; nil where none says it. Never run here.
    public var pattern: String?
    /// What is right, to stand after "must be": `an absolute path such as /srv/data`.
    public var expectation: String
    public var accepts: @Sendable (String) -> Bool

    public init(
        _ name: String, pattern: String? = nil, expectation: String,
        accepts: @escaping @Sendable (String) -> Bool
    ) {
        self.name = name
        self.pattern = pattern
        self.expectation = expectation
        self.accepts = accepts
    }

    /// What ``Identifier`` reads.
    public static let identifier = StringFormat(
        "identifier", pattern: "^[0-9a-hjkmnp-tv-z]{20}$",
        expectation: "an identifier of 20 characters, as the platform gives them"
    ) { Identifier<Never>(parsing: $0) != nil }

    /// A name people give to things: what may stand in a host name (RFC 1123).
    public static let name = StringFormat(
        "name", pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        expectation:
            "1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end, such as web-1",
        accepts: isName)

    /// RFC 3339.
    public static let timestamp = StringFormat(
        "date-time", expectation: "a time such as 2026-11-21T09:30:11Z"
    ) { Timestamp(parsing: $0) != nil }

    /// A duration as people write it. For one that decodes as a number, ``Schema/seconds(_:)``. Not published as JSON Schema's own
    /// format of that name, which is ISO 8601's.
    public static let duration = StringFormat(
        "time-span", pattern: "^([0-9.]+(ns|us|ms|s|m|h|d))+$|^[0-9.]+$",
        expectation: "a duration such as 90s, 1.5h or 2m30s"
    ) { Duration(parsing: $0) != nil }

    /// A path from the root, with no `..` in it and no NUL.
    public static let absolutePath = StringFormat(
        "absolute-path", pattern: "^/", expectation: "an absolute path without '..', such as /srv/data"
    ) { text in
        text.utf8.first == UInt8(ascii: "/") && text.utf8.count <= 4096 && !text.utf8.contains(0)
            && !text.split(separator: "/").contains("..")
    }

    /// The name of an environment variable: anything without `=` and NUL (POSIX, environ(7)).
    public static let environmentName = StringFormat(
        "environment-name", pattern: "^[^=\\u0000]+$", expectation: "a name without '='"
    ) { text in
        !text.isEmpty && text.utf8.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "=") }
    }

    /// A text that can be an argument or a variable's value: no NUL in it (execve(2)).
    public static let withoutNUL = StringFormat(
        "without-nul", pattern: "^[^\\u0000]*$", expectation: "a text without NUL characters"
    ) { !$0.utf8.contains(0) }

    private static func isName(_ text: String) -> Bool {
        let utf8 = text.utf8
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(utf8.count), utf8.first != hyphen, utf8.last != hyphen else { return false }
        return utf8.allSatisfy {
            $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")
                || $0 >= UInt8(ascii: "0")
                    && $0 <= UInt8(ascii: "9")
                || $0 == hyphen
        }
    }
}

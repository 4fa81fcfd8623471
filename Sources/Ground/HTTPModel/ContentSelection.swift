public import Core

/// What of a file, or another thing with a tag, a request gets: conditions in the order of RFC 9110, section 13.2.2, then the range.
public enum ContentSelection: Hashable, Sendable {
    case whole
    case part(Range<Int64>)
    case notModified
    case preconditionFailed
    /// A 416: no byte of the file is in the range.
    case unsatisfiable

    /// What a request with `fields` gets of `size` bytes that have the tag `tag` and were last changed at `modified`.
    public init(_ fields: HTTPFields, size: Int64, tag: String, modified: Timestamp) {
        let seconds = modified.microseconds / 1_000_000
        if let condition = Self.list(fields, "If-Match") {
            if !Self.matches(condition, tag, isStrong: true) {
                self = .preconditionFailed
                return
            }
        } else if let since = Self.seconds(fields["If-Unmodified-Since"]), seconds > since {
            self = .preconditionFailed
            return
        }
        if let condition = Self.list(fields, "If-None-Match") {
            if Self.matches(condition, tag, isStrong: false) {
                self = .notModified
                return
            }
        } else if let since = Self.seconds(fields["If-Modified-Since"]), seconds <= since {
            self = .notModified
            return
        }
        guard let range = fields["Range"], Self.isRangeWanted(fields["If-Range"], tag, seconds) else {
            self = .whole
            return
        }
        self = Self.select(range, size)
    }

    private static func list(_ fields: HTTPFields, _ name: String) -> String? {
        let values = fields.values(name)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    private static func seconds(_ date: String?) -> Int64? {
        date.flatMap { HTTPDate.parse($0) }.map { $0.microseconds / 1_000_000 }
    }

    /// Whether one of the tags of a list is `tag`; a weak one only where the comparison is weak.
    private static func matches(_ list: String, _ tag: String, isStrong: Bool) -> Bool {
        list.split(separator: ",").contains { each in
            let each = String(
                each.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            if each == "*" { return true }
            if each.hasPrefix("W/") { return !isStrong && each.dropFirst(2) == tag }
            return each == tag
        }
    }

    private static func isRangeWanted(_ condition: String?, _ tag: String, _ modified: Int64) -> Bool {
        guard let condition else { return true }
        if condition.hasPrefix("\"") || condition.hasPrefix("W/") { return condition == tag }
        return seconds(condition) == modified
    }

    /// One range of bytes. Several, and what is no range, are answered with the whole (RFC 9110, section 14.2).
    private static func select(_ text: String, _ size: Int64) -> ContentSelection {
        guard text.lowercased().hasPrefix("bytes=") else { return .whole }
        let parts = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .whole }
        let first = number(parts[0])
        let last = number(parts[1])
        switch (first, last) {
        case (nil, let suffix?) where parts[0].isEmpty:
            return suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)..<size)
        case (let first?, nil) where parts[1].isEmpty:
            return first >= size ? .unsatisfiable : .part(first..<size)
        case (let first?, let last?) where first <= last:
            return first >= size ? .unsatisfiable : .part(first..<min(size, last + 1))
        default: return .whole
        }
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        // More digits than a file can have bytes: as far as it goes.
        return Int64(text).map { min($0, .max - 1) } ?? .max - 1
    }
}

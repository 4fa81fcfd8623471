import Core

/// A request target taken apart and decoded, once and for all (RFC 3986, section 2.4: never twice).
///
/// An encoded slash stays inside its segment. Segments `.` and `..`, however they are written, are refused, as are
/// control characters, wrong escapes and bytes that are not UTF-8: no handler ever sees them.
struct RequestTarget: Hashable, Sendable {
    /// The decoded segments of the path; empty for `/`.
    private(set) var segments: [String] = []
    /// Whether the path ends in a slash, other than `/` itself.
    private(set) var hasTrailingSlash = false
    /// Whether it is `*`, which asks about the server as a whole (RFC 9110, section 9.3.7).
    private(set) var isAsterisk = false
    private(set) var query: [QueryItem] = []

    struct QueryItem: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// The most query parameters of a request.
    static let maximumQueryItems = 256

    init(_ target: String) throws(HTTPProblem) {
        let text = target.utf8.span
        var start = 0
        if target == "*" {
            isAsterisk = true
            return
        }
        // The absolute form, which proxies use and every server must take (RFC 9112, section 3.2.2).
        if text.isEmpty || text[0] != UInt8(ascii: "/") { start = try Self.pathStart(target) }
        var end = start
        while end < text.count, text[end] != UInt8(ascii: "?") { end += 1 }
        if start < end { try readPath(text, start + 1, end) }
        if end < text.count { try readQuery(text, end + 1, text.count) }
    }

    private static func pathStart(_ target: String) throws(HTTPProblem) -> Int {
        let lowered = target.prefix(8).lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowered.hasPrefix($0) }) else {
            throw HTTPProblem(invalid: "the request target must be a path that starts with '/'")
        }
        let rest = target.utf8.dropFirst(scheme.utf8.count)
        let slash = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        return target.utf8.distance(from: target.utf8.startIndex, to: slash)
    }

    // MARK: Path

    /// Reads the path behind its first slash.
    private mutating func readPath(_ text: Span<UInt8>, _ start: Int, _ end: Int) throws(HTTPProblem) {
        guard start < end else { return }
        segments.reserveCapacity(8)
        var from = start
        for at in start...end where at == end || text[at] == UInt8(ascii: "/") {
            if at == end, at == from, !segments.isEmpty {
                hasTrailingSlash = true
                return
            }
            segments.append(try Self.segment(text, from, at))
            from = at + 1
        }
    }

    private static func segment(_ text: Span<UInt8>, _ start: Int, _ end: Int) throws(HTTPProblem) -> String {
        let segment = try decode(text, start, end, plusIsSpace: false) { "the path" }
        guard segment.utf8.contains(UInt8(ascii: ".")) else { return segment }
        let hasDots = segment.split(separator: "/", omittingEmptySubsequences: false).contains {
            $0 == "." || $0 == ".."
        }
        guard !hasDots else { throw HTTPProblem(invalid: "the path must not contain '.' or '..' segments") }
        return segment
    }

    // MARK: Query

    private mutating func readQuery(_ text: Span<UInt8>, _ start: Int, _ end: Int) throws(HTTPProblem) {
        var from = start
        while from < end {
            var to = from
            var equals: Int?
            while to < end, text[to] != UInt8(ascii: "&") {
                if equals == nil, text[to] == UInt8(ascii: "=") { equals = to }
                to += 1
            }
            if to > from {
                guard query.count < Self.maximumQueryItems else {
                    throw HTTPProblem(
                        invalid: "there are more than \(Self.maximumQueryItems) query parameters")
                }
                let name = try Self.decode(text, from, equals ?? to, plusIsSpace: true) {
                    "the name of a query parameter"
                }
                let value = try Self.decode(text, equals.map { $0 + 1 } ?? to, to, plusIsSpace: true) {
                    "the query parameter '\(name.prefix(64))'"
                }
                query.append(QueryItem(name: name, value: value))
            }
            from = to + 1
        }
    }

    // MARK: Percent-encoding

    private static func decode(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, plusIsSpace: Bool, _ what: () -> String
    ) throws(HTTPProblem) -> String {
        var isPlain = true
        for at in start..<end {
            let byte = text[at]
            guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "#") else {
                throw HTTPProblem(
                    invalid: "\(what()) contains a character that must be percent-encoded")
            }
            if byte == UInt8(ascii: "%") || plusIsSpace && byte == UInt8(ascii: "+") { isPlain = false }
        }
        if isPlain {
            return String(unsafeUninitializedCapacity: end - start) { buffer in
                for at in start..<end { buffer[at - start] = text[at] }
                return end - start
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(end - start)
        var at = start
        while at < end {
            switch text[at] {
            case UInt8(ascii: "%"):
                guard at + 2 < end, let high = hex(text[at + 1]), let low = hex(text[at + 2]) else {
                    throw HTTPProblem(invalid: "\(what()) has a '%' that two hexadecimal digits must follow")
                }
                bytes.append(high << 4 | low)
                at += 3
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
                at += 1
            default:
                bytes.append(text[at])
                at += 1
            }
        }
        let hasControls = bytes.contains { $0 == 0 || !plusIsSpace && ($0 < 0x20 || $0 == 0x7F) }
        guard !hasControls else { throw HTTPProblem(invalid: "\(what()) contains a control character") }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw HTTPProblem(invalid: "\(what()) is not UTF-8")
        }
        return decoded
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// An attribute of an element; its value is escaped.
public struct Attribute: Sendable {
    private let name: StaticString
    private let value: String?

    private init(_ name: StaticString, _ value: String?) {
        self.name = name
        self.value = value
    }

    public static func id(_ value: String) -> Attribute { Attribute("id", value) }
    public static func `class`(_ value: String) -> Attribute { Attribute("class", value) }
    public static func title(_ value: String) -> Attribute { Attribute("title", value) }
    public static func name(_ value: String) -> Attribute { Attribute("name", value) }
    public static func type(_ value: String) -> Attribute { Attribute("type", value) }
    public static func value(_ value: String) -> Attribute { Attribute("value", value) }
    public static func role(_ value: String) -> Attribute { Attribute("role", value) }
    public static func `for`(_ value: String) -> Attribute { Attribute("for", value) }
    public static func method(_ value: String) -> Attribute { Attribute("method", value) }
    public static func content(_ value: String) -> Attribute { Attribute("content", value) }
    public static func datetime(_ value: String) -> Attribute { Attribute("datetime", value) }
    public static func placeholder(_ value: String) -> Attribute { Attribute("placeholder", value) }
    public static func relation(_ value: String) -> Attribute { Attribute("rel", value) }
    public static func language(_ value: String) -> Attribute { Attribute("lang", value) }
    public static func scope(_ value: String) -> Attribute { Attribute("scope", value) }
    public static func tabIndex(_ value: Int) -> Attribute { Attribute("tabindex", "\(value)") }
    public static func completion(_ value: String) -> Attribute { Attribute("autocomplete", value) }
    public static let required = Attribute("required", nil)
    public static let selected = Attribute("selected", nil)
    public static let autofocus = Attribute("autofocus", nil)
    public static let hidden = Attribute("hidden", nil)
    public static let deferred = Attribute("defer", nil)
    public static let charset = Attribute("charset", "utf-8")

    /// Where a link leads, a form goes or a file comes from.
    public static func href(_ path: SitePath) -> Attribute { Attribute("href", path.text) }
    public static func action(_ path: SitePath) -> Attribute { Attribute("action", path.text) }
    public static func source(_ path: SitePath) -> Attribute { Attribute("src", path.text) }

    /// What assistive technology is told: `label`, `current`, `live`, ….
    public static func aria(_ aspect: Aria, _ value: String) -> Attribute { Attribute(aspect.name, value) }

    public enum Aria: Sendable {
        case label, current, live, hidden, describedBy

        var name: StaticString {
            switch self {
            case .label: "aria-label"
            case .current: "aria-current"
            case .live: "aria-live"
            case .hidden: "aria-hidden"
            case .describedBy: "aria-describedby"
            }
        }
    }

    /// Something for our own script and stylesheet.
    public static func data(_ name: DataName, _ value: String) -> Attribute { Attribute(name.name, value) }

    public enum DataName: Sendable {
        case live, state, text, events, pace, logs, key, post, revision

        var name: StaticString {
            switch self {
            case .live: "data-live"
            case .state: "data-state"
            case .text: "data-text"
            case .events: "data-events"
            case .pace: "data-pace"
            case .logs: "data-logs"
            case .key: "data-key"
            case .post: "data-post"
            case .revision: "data-revision"
            }
        }
    }

    func write(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: " "))
        name.withUTF8Buffer { bytes += $0 }
        guard let value else { return }
        bytes += "=\"".utf8
        Fragment.escape(value, into: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}

/// A path of this site: links lead nowhere else, so neither `javascript:` nor another host comes into an attribute.
public struct SitePath: Sendable, Hashable {
    public let text: String

    private init(unchecked text: String) { self.text = text }

    /// A path that the program itself knows.
    public init(_ path: StaticString) { text = "\(path)" }

    /// Segments, each escaped, so that none leads elsewhere: `/tasks/default/web`.
    public init(segments: [String]) {
        text = "/" + segments.map(Self.escape).joined(separator: "/")
    }

    /// The same with fields of a query.
    public func query(_ fields: [(name: String, value: String)]) -> SitePath {
        let pairs = fields.map { "\(Self.escape($0.name))=\(Self.escape($0.value))" }
        return fields.isEmpty ? self : SitePath(unchecked: text + "?" + pairs.joined(separator: "&"))
    }

    /// A place on the same page.
    public static func fragment(_ id: StaticString) -> SitePath { SitePath(unchecked: "#\(id)") }

    /// All but what RFC 3986 leaves unreserved; `.` and `..` too, which would lead elsewhere.
    private static func escape(_ text: String) -> String {
        let isDots = text == "." || text == ".."
        var escaped = ""
        for byte in text.utf8 {
            let isPlain =
                byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
                || "-_~".utf8.contains(byte) || byte == UInt8(ascii: ".") && !isDots
            if isPlain {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}

/// A piece of HTML. Text becomes HTML only by being escaped: there is no way to make one of a string as it is.
///
/// A string literal is text, and so are interpolations: `"<b> & \(name)"` shows as it stands there.
public struct Fragment: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    private(set) var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Text, as it is to be read.
    public init(_ text: String) {
        bytes = []
        bytes.reserveCapacity(text.utf8.count)
        Self.escape(text, into: &bytes)
    }

    public init(stringLiteral text: String) { self.init(text) }

    /// Nothing.
    public static var nothing: Fragment { Fragment(bytes: []) }

    /// Several, one after the other.
    public init(_ parts: [Fragment]) {
        bytes = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.bytes.count })
        for part in parts { bytes += part.bytes }
    }

    /// An element with what is in it. Elements that can hold nothing (`br`, `input`, `link`, `meta`) take no children.
    public static func element(
        _ name: ElementName, _ attributes: [Attribute] = [], _ children: [Fragment] = []
    ) -> Fragment {
        precondition(children.isEmpty || !name.isVoid, "a \(name.rawValue) holds nothing")
        var bytes: [UInt8] = [UInt8(ascii: "<")]
        bytes.reserveCapacity(children.reduce(64) { $0 + $1.bytes.count })
        bytes += name.rawValue.utf8
        for attribute in attributes { attribute.write(into: &bytes) }
        bytes.append(UInt8(ascii: ">"))
        guard !name.isVoid else { return Fragment(bytes: bytes) }
        for child in children { bytes += child.bytes }
        bytes += "</".utf8
        bytes += name.rawValue.utf8
        bytes.append(UInt8(ascii: ">"))
        return Fragment(bytes: bytes)
    }

    /// The five characters that mean something to HTML become references; control characters, which HTML does not allow, and
    /// NUL become the sign for what cannot be shown. So no text ends an element, an attribute or a comment.
    static func escape(_ text: String, into bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F, 0x7F: bytes += "\u{FFFD}".utf8
            default: bytes.append(byte)
            }
        }
    }
}

extension Fragment {
    /// The bytes of a whole document, whose root this is.
    public var document: [UInt8] { Array("<!doctype html>\n".utf8) + bytes }

    /// As text, for tests.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

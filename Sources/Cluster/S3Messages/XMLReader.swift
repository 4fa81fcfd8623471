/// An element of a document, with the elements and the text in it.
public struct XMLNode: Hashable, Sendable {
    /// Without a prefix.
    public var name: String
    /// All text directly in it.
    public var text = ""
    public var children: [XMLNode] = []

    public init(name: String) { self.name = name }

    /// The first element of this name in it.
    public subscript(name: String) -> XMLNode? { children.first { $0.name == name } }

    public func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }
}

/// Why a document is refused.
public struct XMLError: Error, Hashable, Sendable {
    public let reason: String
}

/// Reads the XML of S3's requests: elements, text, references to characters. What such requests never have (document types,
/// entities of one's own, processing) is refused rather than ignored, and everything is bounded.
public struct XMLReader {
    public static let maximumDepth = 16
    public static let maximumNodes = 100_000

    private let bytes: [UInt8]
    private var at = 0
    private var nodes = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The document's one element.
    public static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLNode {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw XMLError(reason: "it is not UTF-8")
        }
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) else {
            throw XMLError(reason: "it has control characters")
        }
        var reader = XMLReader(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
        return try reader.document()
    }

    private mutating func document() throws(XMLError) -> XMLNode {
        if starts("<?xml") { try skip(past: "?>") }
        try skipBetween()
        guard at < bytes.count, starts("<") else { throw XMLError(reason: "it has no element") }
        let root = try element(depth: 1)
        try skipBetween()
        guard at == bytes.count else { throw XMLError(reason: "there is something behind its element") }
        return root
    }

    private mutating func element(depth: Int) throws(XMLError) -> XMLNode {
        guard depth <= Self.maximumDepth else { throw XMLError(reason: "it is nested too deeply") }
        nodes += 1
        guard nodes <= Self.maximumNodes else { throw XMLError(reason: "it has too many elements") }
        at += 1
        let name = try name()
        var node = XMLNode(name: Self.local(name))
        guard try attributes() else { return node }
        var text: [UInt8] = []
        while true {
            guard at < bytes.count else { throw XMLError(reason: "'\(name.prefix(80))' is not closed") }
            if starts("</") {
                at += 2
                guard try self.name() == name else {
                    throw XMLError(reason: "'\(name.prefix(80))' is closed by another name")
                }
                skipBlanks()
                guard take(">") else { throw XMLError(reason: "an end tag is malformed") }
                node.text = String(decoding: text, as: UTF8.self)
                return node
            } else if starts("<!--") {
                try skipComment()
            } else if starts("<![CDATA[") {
                at += 9
                let start = at
                try skip(past: "]]>")
                text += bytes[start..<at - 3]
            } else if starts("<!") || starts("<?") {
                throw XMLError(reason: "it has a declaration")
            } else if starts("<") {
                node.children.append(try element(depth: depth + 1))
            } else if starts("&") {
                text += try reference()
            } else {
                let end = bytes[at...].firstIndex { Self.isMark($0) } ?? bytes.count
                text += bytes[at..<end]
                at = end
            }
        }
    }

    /// Whether a byte ends a run of text.
    private static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: "&")
    }

    /// Skips attributes, which mean nothing in S3's documents; false where the tag is an empty element.
    private mutating func attributes() throws(XMLError) -> Bool {
        while true {
            let hadBlank = skipBlanks()
            if take("/>") { return false }
            if take(">") { return true }
            guard hadBlank else { throw XMLError(reason: "a tag is malformed") }
            _ = try name()
            skipBlanks()
            guard take("=") else { throw XMLError(reason: "an attribute has no value") }
            skipBlanks()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else {
                throw XMLError(reason: "an attribute has no quotes")
            }
            let quote = bytes[at]
            at += 1
            while at < bytes.count, bytes[at] != quote {
                guard bytes[at] != UInt8(ascii: "<") else {
                    throw XMLError(reason: "an attribute is malformed")
                }
                at += 1
            }
            guard at < bytes.count else { throw XMLError(reason: "an attribute is not closed") }
            at += 1
        }
    }

    private mutating func name() throws(XMLError) -> String {
        let start = at
        while at < bytes.count, Self.isName(bytes[at]) { at += 1 }
        guard at > start else { throw XMLError(reason: "a name is missing") }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// The bytes of `&amp;` or `&#10;`.
    private mutating func reference() throws(XMLError) -> [UInt8] {
        guard let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw XMLError(reason: "a reference is malformed")
        }
        let text = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
        at = end + 1
        switch text {
        case "amp": return [UInt8(ascii: "&")]
        case "lt": return [UInt8(ascii: "<")]
        case "gt": return [UInt8(ascii: ">")]
        case "quot": return [UInt8(ascii: "\"")]
        case "apos": return [UInt8(ascii: "'")]
        default:
            let number =
                text.hasPrefix("#x")
                ? UInt32(text.dropFirst(2), radix: 16) : text.hasPrefix("#") ? UInt32(text.dropFirst()) : nil
            guard let number, number != 0, let scalar = Unicode.Scalar(number) else {
                throw XMLError(reason: "'&\(text);' is not known")
            }
            return Array(String(scalar).utf8)
        }
    }

    // MARK: Skipping

    /// Skips blanks and comments.
    private mutating func skipBetween() throws(XMLError) {
        while true {
            skipBlanks()
            guard starts("<!--") else { return }
            try skipComment()
        }
    }

    private mutating func skipComment() throws(XMLError) {
        at += 4
        try skip(past: "-->")
    }

    private mutating func skip(past mark: StaticString) throws(XMLError) {
        while at < bytes.count {
            if take(mark) { return }
            at += 1
        }
        throw XMLError(reason: "it ends within a declaration or a comment")
    }

    @discardableResult
    private mutating func skipBlanks() -> Bool {
        let start = at
        while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
        return at > start
    }

    private func starts(_ mark: StaticString) -> Bool {
        guard at + mark.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<mark.utf8CodeUnitCount where bytes[at + index] != mark.utf8Start[index] {
            return false
        }
        return true
    }

    private mutating func take(_ mark: StaticString) -> Bool {
        guard starts(mark) else { return false }
        at += mark.utf8CodeUnitCount
        return true
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 128...: true
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"): true
        default: false
        }
    }

    private static func local(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }
}

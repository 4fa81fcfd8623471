/// Writes XML as S3 does: elements and text, no attributes but a namespace.
public struct XMLWriter: Sendable {
    public static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    public private(set) var bytes: [UInt8] = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)

    public init() {}

    /// An element with what `content` writes in it.
    public mutating func element(
        _ name: String, namespace: String? = nil, _ content: (inout XMLWriter) throws -> Void
    ) rethrows {
        if let namespace {
            raw("<\(name) xmlns=\"\(namespace)\">")
        } else {
            open(name)
        }
        try content(&self)
        close(name)
    }

    /// The same with attributes, which are written as they are.
    public mutating func element(
        _ name: String, attributes: String, _ content: (inout XMLWriter) throws -> Void
    ) rethrows {
        raw("<\(name) \(attributes)>")
        try content(&self)
        close(name)
    }

    public mutating func element(_ name: String, _ text: String) {
        open(name)
        escape(text)
        close(name)
    }

    /// An element where there is a text.
    public mutating func element(_ name: String, optional text: String?) {
        if let text { element(name, text) }
    }

    /// Text in the element that is being written.
    public mutating func text(_ text: String) { escape(text) }

    public mutating func element(_ name: String, _ number: Int64) { raw("<\(name)>\(number)</\(name)>") }

    public mutating func element(_ name: String, _ value: Bool) { raw("<\(name)>\(value)</\(name)>") }

    private mutating func raw(_ text: String) { bytes += text.utf8 }

    private mutating func open(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        raw(name)
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func close(_ name: String) {
        raw("</")
        raw(name)
        bytes.append(UInt8(ascii: ">"))
    }

    /// Writes text by runs of what stays as it is: most of it does.
    private mutating func escape(_ text: String) {
        var text = text
        text.withUTF8 { text in
            var start = 0
            for (index, byte) in text.enumerated() {
                guard let reference = Self.reference(byte) else { continue }
                bytes.append(contentsOf: text[start..<index])
                raw(reference)
                start = index + 1
            }
            bytes.append(contentsOf: text[start...])
        }
    }

    /// What stands for a byte; nil where that is itself.
    private static func reference(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        // Others than these XML 1.0 has no way to write, and S3 writes them so all the same.
        case 0..<0x20: "&#x\(String(byte, radix: 16));"
        default: nil
        }
    }
}

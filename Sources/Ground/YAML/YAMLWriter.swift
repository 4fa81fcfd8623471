public import Documents

/// Writes values as YAML that ``YAMLReader`` reads back: maps and lists in blocks, texts in quotes where they would
/// be taken for something else.
public enum YAMLWriter {
    /// The text of `value`, ending with a newline.
    public static func text(of value: JSONValue) -> String {
        var text = ""
        switch value {
        case .object(let object) where !object.isEmpty: append(object, indent: 0, to: &text)
        case .array(let values) where !values.isEmpty: append(values, indent: 0, to: &text)
        default: text = inline(value) + "\n"
        }
        return text
    }

    /// A value in one line: scalars as they stand behind a key, lists and maps in brackets.
    public static func inline(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): return scalar(text)
        case .number(let number) where number.isFinite:
            // The core schema has no digits behind a bare sign, and JSON's form is among its own.
            return "\(value)"
        case .number: return quoted("\(value)")
        case .array(let values): return "[\(values.map(flow).joined(separator: ", "))]"
        case .object(let object):
            return
                "{\(object.members.map { key($0.key, quoted($0.key), after: " ") + " \(flow($0.value))" }.joined(separator: ", "))}"
        case .null, .bool, .integer: return "\(value)"
        }
    }

    /// A value within brackets, where commas and brackets end a bare text.
    private static func flow(_ value: JSONValue) -> String {
        if case .string(let text) = value { return quoted(text) }
        return inline(value)
    }

    /// `key:`. A key of more than 1024 characters has to be announced (YAML 1.2.2, section 7.4.3).
    private static func key(_ key: String, _ written: String, after separator: String) -> String {
        written.utf8.count > 1000 ? "? \(written)\(separator):" : written + ":"
    }

    private static func append(_ object: JSONObject, indent: Int, to text: inout String) {
        for (place, member) in object.members.enumerated() {
            // The first stands behind the dash of its list.
            if place > 0 || text.isEmpty || text.last == "\n" { text += margin(indent) }
            text += key(member.key, scalar(member.key), after: "\n" + margin(indent))
            switch member.value {
            case .object(let inner) where !inner.isEmpty:
                text += "\n"
                append(inner, indent: indent + 1, to: &text)
            case .array(let values) where !values.isEmpty:
                text += "\n"
                append(values, indent: indent + 1, to: &text)
            default: text += " \(inline(member.value))\n"
            }
        }
    }

    private static func append(_ values: [JSONValue], indent: Int, to text: inout String) {
        for (place, value) in values.enumerated() {
            if place > 0 || text.isEmpty || text.last == "\n" { text += margin(indent) }
            text += "- "
            switch value {
            case .object(let inner) where !inner.isEmpty: append(inner, indent: indent + 1, to: &text)
            case .array(let inner) where !inner.isEmpty: append(inner, indent: indent + 1, to: &text)
            default: text += inline(value) + "\n"
            }
        }
    }

    private static func margin(_ indent: Int) -> String { String(repeating: " ", count: indent * 2) }

    /// A text bare where that is safe, else in quotes.
    private static func scalar(_ text: String) -> String {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return quoted(text) }
        // Letters, digits and the marks of paths and names, beginning with a letter or '/': everything else has, or
        // may have somewhere, a meaning in YAML.
        let isBare =
            (isLetter(first) || first == UInt8(ascii: "/"))
            && text.utf8.allSatisfy { isLetter($0) || "0123456789/._-@".utf8.contains($0) }
        guard isBare else { return quoted(text) }
        // What older readers take for truth values, too.
        let lowered = text.lowercased()
        guard !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(lowered) else {
            return quoted(text)
        }
        return text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// YAML's double quotes take JSON's escapes.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                quoted += "\\x" + hexadecimal(scalar, digits: 2)
            case _ where [0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains(scalar.value):
                quoted += "\\u" + hexadecimal(scalar, digits: 4)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar, digits: Int) -> String {
        let text = String(scalar.value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}

import Documents

/// What a scalar without quotes means: the core schema of YAML 1.2.2, section 10.3.
enum CoreSchema {
    static func value(of text: String, at location: SourceLocation) throws(YAMLError) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        switch Number(text) {
        case .none: return .string(text)
        case .integer(let digits, let radix):
            guard let value = Int64(digits, radix: radix) else {
                throw YAMLError(
                    "the number \(text.shortened) is too large; put quotes around it if it is a text",
                    location: location)
            }
            return .integer(value)
        case .float:
            guard let value = Double(text), value.isFinite else {
                throw YAMLError(
                    "the number \(text.shortened) is too large; put quotes around it if it is a text",
                    location: location)
            }
            return .number(value)
        case .special:
            throw YAMLError(
                "\(text) is no number that is accepted; put quotes around it if it is a text",
                location: location)
        }
    }

    /// What looks like a number, by the regular expressions of the schema.
    private enum Number {
        case none
        case integer(digits: String, radix: Int)
        case float
        /// Infinities and what is not a number.
        case special

        init(_ text: String) {
            let unsigned = text.drop { $0 == "+" || $0 == "-" }
            let signs = text.utf8.count - unsigned.utf8.count
            guard signs <= 1, let first = unsigned.utf8.first else {
                self = .none
                return
            }
            if signs == 0, text.hasPrefix("0o"), Self.isAll(text.dropFirst(2), in: "01234567") {
                self = .integer(digits: String(text.dropFirst(2)), radix: 8)
            } else if signs == 0, text.hasPrefix("0x"),
                Self.isAll(text.dropFirst(2), in: "0123456789abcdefABCDEF")
            {
                self = .integer(digits: String(text.dropFirst(2)), radix: 16)
            } else if Self.isAll(unsigned, in: "0123456789") {
                self = .integer(digits: text, radix: 10)
            } else if [".inf", ".Inf", ".INF"].contains(String(unsigned))
                || (signs == 0 && [".nan", ".NaN", ".NAN"].contains(text))
            {
                self = .special
            } else if first == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
                Self.isFloat(unsigned)
            {
                self = .float
            } else {
                self = .none
            }
        }

        private static func isAll(_ text: Substring, in alphabet: String) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { alphabet.utf8.contains($0) }
        }

        /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
        private static func isFloat(_ text: Substring) -> Bool {
            func digits(_ rest: inout Substring) -> Int {
                let digits = rest.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                rest = rest[digits.endIndex...]
                return digits.count
            }
            var rest = text
            let whole = digits(&rest)
            var fraction = 0
            if rest.utf8.first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
                fraction = digits(&rest)
            }
            guard whole + fraction > 0 else { return false }
            guard let mark = rest.utf8.first else { return true }
            guard mark | 0x20 == UInt8(ascii: "e") else { return false }
            rest = rest.dropFirst()
            if let sign = rest.utf8.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            return digits(&rest) > 0 && rest.isEmpty
        }
    }
}

extension String {
    /// The text with every character a terminal or a reader could act on shown as an escape: `\n`, `\t`, `\u{1b}`.
    ///
    /// What comes from outside (names, messages of other programs, bytes of files) may hold escape sequences that move
    /// the cursor, recolour or retitle a terminal, and marks that reverse the order in which a line is read. Everything
    /// that reaches a person passes through here once.
    public var printable: String {
        guard unicodeScalars.contains(where: Self.acts) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            guard Self.acts(scalar) else {
                text.unicodeScalars.append(scalar)
                continue
            }
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default: text += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text
    }

    /// C0, DEL and C1 controls, line and paragraph separators, and the marks that change the reading direction
    /// (Unicode Standard Annex 9), which can make a line show something other than what it says.
    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}

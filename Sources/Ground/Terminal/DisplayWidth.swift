extension String {
    /// How many columns of a terminal the text takes: East Asian wide characters and emoji take two, marks that
    /// combine with the character before them none (Unicode Standard Annex 11). The text is `printable`.
    public var displayWidth: Int {
        var width = 0
        for character in self { width += character.displayWidth }
        return width
    }

    /// The text in at most `columns`, its end replaced by `…` where it does not fit.
    public func truncated(to columns: Int) -> String {
        guard columns > 0 else { return "" }
        // No character is wider than its bytes are many.
        guard utf8.count > columns, displayWidth > columns else { return self }
        var text = ""
        var width = 0
        for character in self {
            let next = character.displayWidth
            guard width + next < columns else { break }
            text.append(character)
            width += next
        }
        return text + "…"
    }

    /// The text filled with spaces to `columns`.
    func padded(to columns: Int, _ alignment: Alignment) -> String {
        let gap = columns - displayWidth
        guard gap > 0 else { return self }
        let spaces = String(repeating: " ", count: gap)
        return alignment == .left ? self + spaces : spaces + self
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        if let ascii = asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
        var width = 0
        for scalar in unicodeScalars {
            // Variation selector 16 asks for the picture rather than the sign: `❤️`.
            if scalar.value == 0xFE0F { return 2 }
            width = max(width, scalar.displayWidth)
        }
        return width
    }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// What EastAsianWidth.txt has as W or F and is no emoji: Hangul, CJK and their punctuation, full-width forms, and
    /// the planes reserved for ideographs.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x18CD5, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]
}

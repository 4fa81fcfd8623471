/// Breaks text into lines of at most `width` characters, at spaces. Help is our own text: a character is a column.
func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
        if !line.isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = ""
        }
        if !line.isEmpty { line += " " }
        line += word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
}

/// A part of a discussion: running text, or lines that stay as they are.
enum DiscussionBlock: Equatable {
    case paragraph(String)
    case literal([String])

    /// Paragraphs are separated by blank lines; one whose lines all begin with a space is literal.
    static func blocks(of text: String) -> [DiscussionBlock] {
        var blocks: [DiscussionBlock] = []
        var lines: [Substring] = []
        func close() {
            defer { lines = [] }
            guard !lines.isEmpty else { return }
            if lines.allSatisfy({ $0.hasPrefix(" ") }) {
                let indent = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
                blocks.append(.literal(lines.map { String($0.dropFirst(indent)) }))
            } else {
                blocks.append(.paragraph(lines.joined(separator: " ")))
            }
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy({ $0 == " " }) { close() } else { lines.append(line) }
        }
        close()
        return blocks
    }
}

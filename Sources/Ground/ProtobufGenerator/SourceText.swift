/// Swift source as it grows: lines with their indentation.
struct SourceText {
    private(set) var text = ""
    private var depth = 0

    mutating func line(_ line: String = "") {
        if !line.isEmpty { text += String(repeating: "    ", count: depth) + line }
        text += "\n"
    }

    /// `head {`, what `body` adds, `}`.
    mutating func block(
        _ head: String, _ body: (inout SourceText) throws(GeneratorError) -> Void
    ) throws(GeneratorError) {
        line(head + " {")
        depth += 1
        try body(&self)
        depth -= 1
        line("}")
    }

    /// `before` and the items and `after`: in one line where they fit in, else with as many in a line as fit.
    mutating func list(_ before: String, _ items: [String], _ after: String, width: Int = 110) {
        let whole = before + items.joined(separator: ", ") + after
        guard depth * 4 + whole.count > width else { return line(whole) }
        line(before)
        depth += 1
        var current = ""
        for (index, item) in items.enumerated() {
            let piece = index == items.count - 1 ? item : item + ","
            if !current.isEmpty, depth * 4 + current.count + 1 + piece.count > width {
                line(current)
                current = ""
            }
            current += (current.isEmpty ? "" : " ") + piece
        }
        line(current)
        depth -= 1
        line(after)
    }

    /// A documentation comment.
    mutating func comment(_ text: String) {
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            line(part.isEmpty ? "///" : "/// " + part)
        }
    }
}

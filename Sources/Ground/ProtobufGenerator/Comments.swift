/// The comments of a file by what they stand at.
struct Comments {
    private var texts: [[Int32]: String] = [:]

    init(_ info: SourceInfo?) {
        for location in info?.location ?? [] {
            let text = location.leadingComments.isEmpty ? location.trailingComments : location.leadingComments
            if !text.isEmpty { texts[location.path] = Self.tidied(text) }
        }
    }

    /// The comment of what `path` leads to; `otherwise` where there is none.
    func text(_ path: [Int32], otherwise: String? = nil) -> String? { texts[path] ?? otherwise }

    /// Without the blank after each `//`, and empty lines around.
    private static func tidied(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var line = line.hasPrefix(" ") ? line.dropFirst() : line
            while line.last?.isWhitespace == true { line.removeLast() }
            return String(line)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        return lines.joined(separator: "\n")
    }
}

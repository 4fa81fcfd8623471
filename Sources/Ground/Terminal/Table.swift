import Core

/// Which side of its column a text keeps to: names left, numbers right.
public enum Alignment: Hashable, Sendable { case left, right }

/// One column of a ``Table``: its title, and how it shows a row.
public struct Column<Row>: Sendable {
    public let title: String
    public let alignment: Alignment
    let text: @Sendable (Row) -> String?
    let style: @Sendable (Row) -> Style?

    /// `text` may come from anywhere: the table makes it printable. Nil shows as `-`.
    public init(
        _ title: String, _ alignment: Alignment = .left,
        style: @escaping @Sendable (Row) -> Style? = { _ in nil }, text: @escaping @Sendable (Row) -> String?
    ) {
        self.title = title
        self.alignment = alignment
        self.text = text
        self.style = style
    }
}

/// Lists things, one a line, in columns that stand under each other.
///
/// On a terminal no line is longer than it is wide: the widest columns are cut, with `…`. Elsewhere nothing is cut, so
/// that programs that read it see everything.
public struct Table<Row>: Sendable {
    public let columns: [Column<Row>]
    /// Whether the titles stand above.
    public var showsTitles = true

    public init(_ columns: [Column<Row>]) { self.columns = columns }

    /// The lines, each ended by a newline. `width` is the room there is, nil for all that is needed.
    public func text(of rows: [Row], width: Int?, usesColor: Bool) -> String {
        var lines = rows.map { row in
            columns.map {
                Cell(text: ($0.text(row) ?? "-").printable, style: usesColor ? $0.style(row) : nil)
            }
        }
        if showsTitles {
            lines.insert(columns.map { Cell(text: $0.title, style: usesColor ? .bold : nil) }, at: 0)
        }
        let widths = fitted(lines, width)
        return lines.map { line($0, widths, width) + "\n" }.joined()
    }

    private struct Cell {
        var text: String
        var style: Style?
    }

    private static var gap: Int { 2 }
    /// A column is not cut below this, or its title where that is longer.
    private static var least: Int { 6 }

    private func fitted(_ lines: [[Cell]], _ width: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            lines.reduce(0) { max($0, $1[index].text.displayWidth) }
        }
        guard let width else { return widths }
        let least = columns.map { max(showsTitles ? $0.title.displayWidth : 0, Self.least) }
        widths = widths.map { min($0, width) }
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        while excess > 0 {
            let candidates = widths.indices.filter { widths[$0] > least[$0] }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ width: Int?) -> String {
        var line = ""
        var room = width ?? .max
        for (index, cell) in cells.enumerated() {
            let columnWidth = min(widths[index], room)
            guard columnWidth > 0 else { break }
            var text = width == nil ? cell.text : cell.text.truncated(to: columnWidth)
            let isLast = index == cells.count - 1
            let padding = max(0, columnWidth - text.displayWidth)
            text = Style.apply(cell.style, to: text)
            let spaces = String(repeating: " ", count: padding)
            switch columns[index].alignment {
            case .left: line += isLast ? text : text + spaces
            case .right: line += spaces + text
            }
            room -= columnWidth
            guard !isLast, room > Self.gap else { break }
            line += String(repeating: " ", count: Self.gap)
            room -= Self.gap
        }
        return line
    }
}

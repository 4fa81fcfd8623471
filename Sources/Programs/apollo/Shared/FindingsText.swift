import Core
import Diagnostics
import Terminal

/// What `apollo doctor` shows people: a line a finding, and below it, set in, what it means and what to do.
struct FindingsText {
    private let width: Int
    private let output: Output

    init(_ output: Output) {
        self.output = output
        width = max(30, min(output.size()?.columns ?? 100, 120))
    }

    func text(of findings: [Finding]) -> String {
        let checks = findings.map(\.check.displayWidth).max() ?? 0
        let levels = Finding.Level.allCases.map(\.rawValue.displayWidth).max() ?? 0
        // Where there is little room the texts begin under the names, not beside them.
        let column = levels + 2 + checks + 2
        let isNarrow = width < column + 30
        var text = ""
        for finding in findings {
            let level = finding.level.rawValue + padding(finding.level.rawValue, levels)
            text += output.styled(level, style(finding.level)) + "  "
            text += finding.check
            let indent = isNarrow ? 4 : column
            text += isNarrow ? "\n" + spaces(indent) : padding(finding.check, checks) + "  "
            text += wrapped(finding.found, indent) + "\n"
            guard finding.level != .ok else { continue }
            if let meaning = finding.meaning { text += spaces(indent) + wrapped(meaning, indent) + "\n" }
            if let fix = finding.fix {
                text += spaces(indent) + output.styled("fix:", .bold) + " " + wrapped(fix, indent + 5) + "\n"
            }
        }
        return text + "\n" + Diagnosis.summary(of: findings) + "\n"
    }

    private func style(_ level: Finding.Level) -> Style {
        switch level {
        case .ok: .green
        case .warning: .yellow
        case .problem: .red
        }
    }

    /// The words in lines that end at the width; all but the first are set in.
    private func wrapped(_ text: String, _ indent: Int) -> String {
        // A pipe or a file keeps each text on a line, for programs.
        guard output.isTerminal else { return text.printable }
        var lines: [String] = [""]
        var room = width - indent
        for word in text.printable.split(separator: " ").map(String.init) {
            let needed = word.displayWidth + (lines[lines.count - 1].isEmpty ? 0 : 1)
            if needed > room, !lines[lines.count - 1].isEmpty {
                lines.append(word)
                room = width - indent - word.displayWidth
            } else {
                lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
                room -= needed
            }
        }
        return lines.joined(separator: "\n" + spaces(indent))
    }

    private func padding(_ text: String, _ width: Int) -> String { spaces(width - text.displayWidth) }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

/// What a case came to.
struct Result: Sendable {
    struct PeerFigure: Sendable {
        var name: String
        var version: String
        var value: Double
    }

    var suite: String
    var name: String
    var unit: String
    var better: Better
    var figures: [Double] = []
    var peer: PeerFigure?
    var note: String?

    init(suite: String, name: String, unit: String, better: Better, note: String?) {
        self.suite = suite
        self.name = name
        self.unit = unit
        self.better = better
        self.note = note
    }

    var ours: Double { median(figures) }
    var ratio: Double? { peer.flatMap { $0.value > 0 ? ours / $0.value : nil } }

    mutating func add(note more: String) { note = note.map { "\($0); \(more)" } ?? more }

    /// One line of JSON, its keys as every reader of these figures expects them.
    var json: String {
        let spread = "[\(Self.number(figures.min() ?? 0)),\(Self.number(figures.max() ?? 0))]"
        let peer =
            self.peer.map {
                #"{"name":\#(Self.text($0.name)),"version":\#(Self.text($0.version)),"value":\#(Self.number($0.value))}"#
            } ?? "null"
        return #"{"suite":\#(Self.text(suite)),"case":\#(Self.text(name)),"unit":\#(Self.text(unit)),"#
            + #""better":"\#(better.rawValue)","ours":\#(Self.number(ours)),"spread":\#(spread),"#
            + #""runs":\#(figures.count),"peer":\#(peer),"ratio":\#(ratio.map(Self.number) ?? "null"),"#
            + #""note":\#(note.map(Self.text) ?? "null")}"#
    }

    /// Four digits that matter.
    static func number(_ value: Double) -> String {
        let magnitude = abs(value)
        let factor: Double =
            switch magnitude {
            case 1000...: 1
            case 100...: 10
            case 10...: 100
            case 1...: 1000
            default: 10000
            }
        let rounded = (value * factor).rounded() / factor
        return factor == 1 ? "\(Int64(rounded))" : "\(rounded)"
    }

    private static func text(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Writes the results: each line of JSON as it comes, a table at the end.
struct Report {
    let format: BenchOptions.Format
    private var rows: [[String]] = []

    init(format: BenchOptions.Format) { self.format = format }

    mutating func add(_ result: Result) {
        guard format == .table else { return Output.line(result.json) }
        rows.append([
            result.name, Result.number(result.ours), result.unit,
            "\(Result.number(result.figures.min() ?? 0))-\(Result.number(result.figures.max() ?? 0))",
            result.peer.map { "\($0.name) \($0.version): \(Result.number($0.value))" } ?? "-",
            result.ratio.map(Result.number) ?? "-", result.better.rawValue, result.note ?? "",
        ])
    }

    func finish() {
        guard format == .table else { return }
        let table = [["CASE", "OURS", "UNIT", "SPREAD", "PEER", "RATIO", "BETTER", "NOTE"]] + rows
        let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            Output.line(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }
}

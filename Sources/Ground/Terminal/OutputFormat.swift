import Documents

/// How a command prints what it found.
public enum OutputFormat: String, CaseIterable, Sendable {
    /// For people.
    case table
    /// For programs.
    case json
}

extension Output {
    /// Prints a list: as a table cut to the terminal, or as a JSON array.
    public func write<Row: Encodable>(
        _ rows: [Row], as format: OutputFormat, _ table: Table<Row>
    ) throws {
        switch format {
        case .table: try write(rows, table)
        case .json: try writeJSON(rows)
        }
    }

    /// Prints a table cut to the terminal.
    public func write<Row>(_ rows: [Row], _ table: Table<Row>) throws(OutputError) {
        try write(table.text(of: rows, width: size()?.columns, usesColor: usesColor))
    }

    /// Prints one thing: its fields one below the other, or as a JSON object.
    public func write<Value: Encodable>(
        _ value: Value, as format: OutputFormat, fields: [(name: String, text: String?)]
    ) throws {
        switch format {
        case .table: try write(fields: fields)
        case .json: try writeJSON(value)
        }
    }

    /// Prints names and texts, one pair a line; pairs without a text are left out.
    public func write(fields: [(name: String, text: String?)]) throws(OutputError) {
        let shown = fields.compactMap { field in field.text.map { (field.name, $0) } }
        var table = Table<(String, String)>([
            Column("", style: { _ in .bold }) { $0.0 + ":" }, Column("") { $0.1 },
        ])
        table.showsTitles = false
        try write(shown, table)
    }

    /// Prints JSON that people can read too, with its keys in the same order every time.
    public func writeJSON(_ value: some Encodable) throws {
        let text = try JSONWriter.prettyText(encoding: value)
        try write(text.escapedForTerminals + "\n")
    }
}

extension String {
    /// JSON text in which nothing acts on a terminal. Foundation escapes C0 controls; what is left (C1, marks of
    /// direction) can stand only within strings, where its escape means the same.
    fileprivate var escapedForTerminals: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

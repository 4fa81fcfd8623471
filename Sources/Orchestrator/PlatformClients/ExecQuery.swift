import APIClients

/// Which program is run beside a task, and on what.
public struct ExecQuery: Hashable, Sendable {
    public var command: [String]
    public var takesInput: Bool
    /// Nil for pipes.
    public var terminal: Terminal?

    public struct Terminal: Hashable, Sendable {
        public var columns: Int
        public var rows: Int
        /// As `TERM` has it.
        public var type: String

        public init(columns: Int, rows: Int, type: String) {
            self.columns = columns
            self.rows = rows
            self.type = type
        }
    }

    public init(command: [String], takesInput: Bool, terminal: Terminal?) {
        self.command = command
        self.takesInput = takesInput
        self.terminal = terminal
    }

    /// The query of the URL, with its mark.
    var text: String {
        var parts = command.map { "command=\(APIClient.escape($0))" }
        if takesInput { parts.append("stdin=true") }
        if let terminal {
            parts += [
                "tty=true", "columns=\(terminal.columns)", "rows=\(terminal.rows)",
                "term=\(APIClient.escape(terminal.type))",
            ]
        }
        return "?" + parts.joined(separator: "&")
    }
}

/// A program to run beside an attempt: as its user, in its directory, with its environment, limits and namespaces.
public struct ExecRequest: Hashable, Sendable {
    /// The program and its arguments; never empty.
    public var command: [String]
    /// Whether it is given input; otherwise it finds the end at once.
    public var takesInput: Bool
    /// The terminal that it runs on; nil for pipes.
    public var terminal: Terminal?

    public struct Terminal: Hashable, Sendable {
        public var size: TerminalSize
        /// What it can do, as the program's `TERM` says it.
        public var type: String

        public init(size: TerminalSize, type: String = "xterm") {
            self.size = size
            self.type = type
        }
    }

    public init(command: [String], takesInput: Bool = false, terminal: Terminal? = nil) {
        self.command = command
        self.takesInput = takesInput
        self.terminal = terminal
    }
}

/// A terminal's size, in characters.
public struct TerminalSize: Hashable, Sendable {
    public var columns: UInt16
    public var rows: UInt16

    public init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }
}

/// What a program that runs beside an attempt is given.
public enum ExecInput: Hashable, Sendable {
    case bytes([UInt8])
    /// No more input.
    case end
    case resize(TerminalSize)
}

/// What comes of it.
public enum ExecEvent: Hashable, Sendable {
    /// On a terminal all is stdout.
    case output(LogRecord.Stream, [UInt8])
    /// The last: 0 to 255, or 128 plus the signal's number; and why, in words: `exit code 3`.
    case ended(code: Int32, reason: String)
}

/// A program that runs beside an attempt. It ends with the attempt, with the session's ``close()``, and with who runs it.
public protocol ExecSession: Sendable {
    /// The next event; nil after the last. What is not taken waits in the program. One task takes.
    func next() async throws(RuntimeError) -> ExecEvent?

    /// Gives input, and returns when there is room for more. What the program does not want any more is dropped. One task
    /// gives.
    func give(_ input: ExecInput) async throws(RuntimeError)

    /// Ends the program where it still runs: SIGHUP, and after some seconds SIGKILL. Nothing is taken or given any more.
    func close() async
}

import CApollo
import Glibc

/// Where text for people goes: a terminal, a pipe or a file, and what is known of it.
///
/// Commands get one for the standard output and one for the standard error, and tests one that keeps what is written.
public struct Output: Sendable {
    /// Whether a person looks at it.
    public var isTerminal: Bool
    /// Whether styles are written, rather than left out.
    public var usesColor: Bool
    /// How much room there is now (a window may change at any time); nil where it is no terminal.
    public var size: @Sendable () -> TerminalSize?
    private let writeBytes: @Sendable ([UInt8]) throws(OutputError) -> Void

    public init(
        isTerminal: Bool, usesColor: Bool, size: @escaping @Sendable () -> TerminalSize?,
        write: @escaping @Sendable ([UInt8]) throws(OutputError) -> Void
    ) {
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        self.size = size
        writeBytes = write
    }

    /// Writes text. It is ours or has gone through `printable`: nothing is changed here.
    public func write(_ text: String) throws(OutputError) { try writeBytes(Array(text.utf8)) }

    /// Writes bytes as they are, such as the output of a task.
    public func write(bytes: [UInt8]) throws(OutputError) { try writeBytes(bytes) }

    /// `text` in `style`, where styles are written.
    public func styled(_ text: String, _ style: Style?) -> String {
        usesColor ? Style.apply(style, to: text) : text
    }
}

/// Room on a terminal, in characters.
public struct TerminalSize: Hashable, Sendable {
    public var columns: Int
    public var rows: Int

    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// Why text could not be written.
public enum OutputError: Error, Hashable, Sendable {
    /// Whoever read it is gone, as after `apollo ps | head -1`: no failure, and nothing to tell anybody.
    case closed
    /// The system's reason, such as a full disk.
    case failed(errno: Int32)
}

extension OutputError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closed: "nobody reads the output any more"
        case .failed(let code): "cannot write the output: \(String(cString: strerror(code)))"
        }
    }
}

extension Output {
    /// Descriptor 1. `variables` are the process's environment.
    public static func standardOutput(variables: [String: String]) -> Output {
        Output(descriptor: STDOUT_FILENO, variables: variables)
    }

    /// Descriptor 2.
    public static func standardError(variables: [String: String]) -> Output {
        Output(descriptor: STDERR_FILENO, variables: variables)
    }

    /// An open descriptor, which stays the caller's.
    public init(descriptor: Int32, variables: [String: String]) {
        let isTerminal = isatty(descriptor) == 1
        self.init(
            isTerminal: isTerminal, usesColor: isTerminal && Self.allowsColor(variables),
            size: { Self.size(of: descriptor, variables: variables) },
            write: { bytes throws(OutputError) in try Self.writeAll(bytes, to: descriptor) })
    }

    /// Lets a write to a closed pipe fail with an error, instead of ending the process with a signal. Once, at the
    /// program's start. Programs it starts inherit this unless their signals are reset.
    public static func ignorePipeSignal() { signal(SIGPIPE, SIG_IGN) }

    /// https://no-color.org: any value of NO_COLOR but the empty one forbids colours.
    static func allowsColor(_ variables: [String: String]) -> Bool {
        guard variables["NO_COLOR"].map({ $0.isEmpty }) ?? true else { return false }
        guard let terminal = variables["TERM"] else { return false }
        return !terminal.isEmpty && terminal != "dumb"
    }

    /// The kernel's answer; a terminal that does not know its size (a serial line) is told by COLUMNS and LINES, and is
    /// else taken for one of 80 by 24.
    private static func size(of descriptor: Int32, variables: [String: String]) -> TerminalSize? {
        var (columns, rows): (UInt16, UInt16) = (0, 0)
        guard capollo_terminal_size(descriptor, &columns, &rows) == 0 else { return nil }
        func known(_ value: UInt16, _ variable: String, else fallback: Int) -> Int {
            if value > 0 { return Int(value) }
            return variables[variable].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? fallback
        }
        return TerminalSize(
            columns: known(columns, "COLUMNS", else: 80), rows: known(rows, "LINES", else: 24))
    }

    /// Writes until everything is out: write(2) may take less than it is given. A terminal that is stopped (Ctrl-S) or a
    /// reader that sleeps is waited for, as every program does.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(OutputError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Whoever shares the descriptor made it non-blocking.
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&request, 1, -1)
            case EPIPE: throw .closed
            case let code: throw .failed(errno: code)
            }
        }
    }
}

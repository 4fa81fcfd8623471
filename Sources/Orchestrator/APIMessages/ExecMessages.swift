public import Core
import Documents

// What travels over the WebSocket of `GET /api/v1/tasks/{task}/exec`: bytes in binary messages, all else as JSON in texts.

/// What the client says, besides the program's input, which is its binary messages as they are.
public enum ExecControl: Hashable, Sendable {
    /// No more input comes.
    case end
    /// The client's terminal has another size now.
    case resize(columns: UInt16, rows: UInt16)

    /// The longest message of input that is taken.
    public static let longestInput = 64 << 10

    private struct Text: Codable {
        var event: String
        var columns: UInt16?
        var rows: UInt16?
    }

    public var text: String {
        switch self {
        case .end: #"{"event":"end"}"#
        case .resize(let columns, let rows): #"{"event":"resize","columns":\#(columns),"rows":\#(rows)}"#
        }
    }

    public init(parsing text: String) throws(ApolloError) {
        let read: Text
        do { read = try JSONReader.decode(Text.self, from: text.utf8) } catch {
            throw ApolloError(
                .invalid, "a text message has to be JSON such as {\"event\":\"end\"}",
                hint: "input is sent in binary messages")
        }
        switch (read.event, read.columns, read.rows) {
        case ("end", _, _): self = .end
        case ("resize", let columns?, let rows?) where columns > 0 && rows > 0:
            self = .resize(columns: columns, rows: rows)
        case ("resize", _, _):
            throw ApolloError(.invalid, "a resize has 'columns' and 'rows', each from 1 to 65535")
        default:
            throw ApolloError(
                .invalid, "there is no event '\(read.event.prefix(32))'", hint: "there are end and resize")
        }
    }
}

/// What the platform says of a program that runs beside a task.
public enum ExecNotice: Hashable, Sendable {
    /// It runs.
    case started
    /// A binary message: one byte, 1 for stdout and 2 for stderr, and what the program wrote.
    case output(LogLine.Stream, [UInt8])
    /// It has ended, and nothing follows.
    case exit(code: Int32, reason: String)
    /// It could not be started, or what runs it failed; nothing follows.
    case failure(ApolloError)

    private struct Text: Codable {
        var event: String
        var code: Int32?
        var reason: String?
        var kind: ErrorKind?
        var message: String?
        var hint: String?
    }

    /// The text message, or the binary one.
    public var message: (text: String?, bytes: [UInt8]) {
        switch self {
        case .started: ("{\"event\":\"started\"}", [])
        case .output(let stream, let bytes): (nil, [stream == .stdout ? 1 : 2] + bytes)
        case .exit(let code, let reason):
            (Self.json(Text(event: "exit", code: code, reason: reason)), [])
        case .failure(let error):
            (Self.json(Text(event: "error", kind: error.kind, message: error.message, hint: error.hint)), [])
        }
    }

    private static func json(_ text: Text) -> String {
        do { return String(decoding: try JSONWriter.bytes(encoding: text), as: UTF8.self) } catch {
            preconditionFailure("texts and numbers always encode: \(error)")
        }
    }

    /// Reads a text message; nil for an event of a later version.
    public init?(parsing text: String) throws(ApolloError) {
        let read: Text
        do { read = try JSONReader.decode(Text.self, from: text.utf8) } catch {
            throw ApolloError(.corrupt, "the platform sent a text that is no event")
        }
        switch read.event {
        case "started": self = .started
        case "exit":
            guard let code = read.code else {
                throw ApolloError(.corrupt, "the platform told of an exit without a code")
            }
            self = .exit(code: code, reason: read.reason ?? "exit code \(code)")
        case "error":
            self = .failure(
                ApolloError(
                    read.kind ?? .internal, read.message ?? "the program could not be run", hint: read.hint))
        default: return nil
        }
    }

    /// Reads a binary message; nil for one of another stream.
    public init?(parsing bytes: [UInt8]) {
        switch bytes.first {
        case 1: self = .output(.stdout, Array(bytes.dropFirst()))
        case 2: self = .output(.stderr, Array(bytes.dropFirst()))
        default: return nil
        }
    }
}

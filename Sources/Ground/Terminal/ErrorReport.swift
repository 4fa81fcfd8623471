import Core

/// An error as a person reads it, and the number the program ends with.
public struct ErrorReport: Sendable {
    /// What is written to the standard error; empty where there is nothing to say.
    public let text: String
    public let exitCode: Int32

    /// `program` stands at the beginning: `apollo: no task is called 'web'`.
    public init(_ error: any Error, program: String, usesColor: Bool = false) {
        switch error {
        case OutputError.closed:
            // `apollo ps | head -1`: as if SIGPIPE had ended us, which is what a shell expects of a filter.
            text = ""
            exitCode = 128 + 13
        case let error as ApolloError:
            text = Self.text(of: error, program, usesColor)
            exitCode = error.kind.exitCode
        case is CancellationError:
            text = Self.text(of: ApolloError(.cancelled, "interrupted"), program, usesColor)
            exitCode = ErrorKind.cancelled.exitCode
        case let error as OutputError:
            text = Self.text(of: ApolloError(.exhausted, "\(error)"), program, usesColor)
            exitCode = 74  // EX_IOERR
        default:
            let unexpected = ApolloError(
                .internal, "\(error)",
                hint: "this is a fault of Apollo: please report it with the command line")
            text = Self.text(of: unexpected, program, usesColor)
            exitCode = ErrorKind.internal.exitCode
        }
    }

    private static func text(of error: ApolloError, _ program: String, _ usesColor: Bool) -> String {
        func styled(_ text: String, _ style: Style) -> String {
            usesColor ? Style.apply(style, to: text) : text
        }
        var text = styled("\(program): ", .red) + lines(error.message, margin: 2)
        for field in error.fields {
            let message = lines(field.message, margin: 4)
            text +=
                field.path.isEmpty ? "  \(message)" : "  \(styled(field.path.printable, .bold)): \(message)"
        }
        if let hint = error.hint { text += styled("hint: ", .cyan) + lines(hint, margin: 6) }
        return text
    }

    /// The lines of a message (that of another program may have several), those after the first moved in.
    private static func lines(_ message: String, margin: Int) -> String {
        let lines = message.split(whereSeparator: \.isNewline).map { String($0).printable }
        return lines.joined(separator: "\n" + String(repeating: " ", count: margin)) + "\n"
    }
}

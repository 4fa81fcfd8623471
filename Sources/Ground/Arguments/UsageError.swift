import Core

/// A command line that cannot be understood. Nothing was done; the program ends with ``ExitStatus/usage``.
public struct UsageError: Error, Hashable, Sendable {
    /// What is wrong, naming the option or argument, and what is right.
    public var message: String
    /// What the user may have meant, or can try.
    public var hint: String?
    /// The names of the commands that were understood, the program's first.
    public var path: [String]
    /// The usage line, or for a group the list of its commands.
    public var usage: String

    /// The text for the standard error, ending with a newline.
    public var text: String {
        var text = "\(path.first ?? ""): \(message.printable)\n"
        if let hint { text += "hint: \(hint.printable)\n" }
        return text + usage + "See '\(path.joined(separator: " ")) --help'.\n"
    }
}

extension UsageError: CustomStringConvertible {
    public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}

/// A program: a tree of commands, with what every program answers by itself (`--help`, `--version`, `help`,
/// `completion`).
public struct Program: Sendable {
    public let root: Command
    /// What `--version` prints, such as `apollo 0.1.0`.
    public let version: String

    /// `root` is a group named like the program; `completion` is added to its commands.
    public init(version: String, root: Command) {
        self.version = version
        self.root = root.adding(CompletionCommand.command(for: root.name))
        assert(problems.isEmpty, "the commands contradict each other: \(problems.joined(separator: "; "))")
    }

    /// What a command line asks for.
    public enum Request: Sendable {
        /// To run a command.
        case run(Invocation, Command.Action)
        /// To print this on the standard output, and no more.
        case show(String)
        /// The shell asks what may stand at the end of these words.
        case complete([String])
    }

    /// Reads the words after the program's name. `width` is the number of columns help may fill.
    public func parse(_ arguments: [String], width: Int = 80) throws(UsageError) -> Request {
        if arguments.first == Self.completionHook { return .complete(Array(arguments.dropFirst())) }
        var scanner = LineScanner(root: root)
        for word in arguments { try scanner.take(word) }
        if scanner.asksForHelp {
            return .show(HelpRenderer(chain: scanner.chain, width: width).text())
        }
        if scanner.asksForVersion { return .show(version + "\n") }
        let invocation = try scanner.invocation()
        guard let action = invocation.command.action else {
            return .show(invocation[CompletionCommand.shell].completionScript(for: root.name))
        }
        return .run(invocation, action)
    }

    /// Reads the words after the program's name and does what they ask for. Errors of the command itself are thrown on;
    /// wrong usage is told to `report` and ends with ``ExitStatus/usage``.
    public func run(
        _ arguments: [String], width: Int = 80, print: (String) throws -> Void,
        report: (String) throws -> Void
    ) async throws -> ExitStatus {
        let request: Request
        do { request = try parse(arguments, width: width) } catch {
            try report(error.text)
            return .usage
        }
        switch request {
        case .run(let invocation, let action):
            // A command that finds more wrong with its parameters than their types say throws the same error.
            do { return try await action(invocation) } catch let error as UsageError {
                try report(error.text)
                return .usage
            }
        case .show(let text):
            try print(text)
            return .success
        case .complete(let words):
            try print(await Completer(root: root).answer(for: words))
            return .success
        }
    }

    /// The hidden command that completion scripts call.
    static let completionHook = "__complete"
}

extension Invocation {
    /// Wrong usage that only the command can see: two options that exclude each other, one that needs another.
    public func usageError(_ message: String, hint: String? = nil) -> UsageError {
        UsageError(message: message, hint: hint, path: path, usage: usageLine)
    }
}

extension Command {
    fileprivate func adding(_ subcommand: Command) -> Command {
        guard self.subcommand(named: subcommand.name) == nil else { return self }
        return Command(
            name, aliases: aliases, summary: summary, discussion: discussion, parameters: parameters,
            groups: groups, examples: examples, seeAlso: seeAlso, isHidden: isHidden,
            subcommands: subcommands + [subcommand])
    }
}

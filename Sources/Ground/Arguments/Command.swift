/// One command of a program: what it is called, what it means, what may stand on its line, and what it does.
///
/// A tree of plain values: commands that have `subcommands` and no action are groups. The parser, help, the completion
/// of shells and the reference in the manual are all made from the same tree.
public struct Command: Sendable {
    public typealias Action = @Sendable (Invocation) async throws -> ExitStatus

    public let name: String
    /// Other names it answers to, such as `remove` for `rm`.
    public let aliases: [String]
    /// What it does, in one sentence without a period.
    public let summary: String
    /// What one should know to use it: paragraphs separated by blank lines; indented lines stay as they are.
    public let discussion: String
    /// What may stand on its line, in the order of help: arguments by their place, options anywhere. Options of a
    /// group are understood by every command under it.
    public let parameters: [any CommandParameter]
    /// More parameters, under titles of their own in help.
    public let groups: [ParameterGroup]
    /// The usage line after the command's name, where the one made of the parameters does not say enough.
    public let usage: String?
    public let examples: [Example]
    /// Other commands worth knowing, as one writes them: `apollo task logs`.
    public let seeAlso: [String]
    public let subcommands: [Command]
    /// Neither in help nor in completions.
    public let isHidden: Bool
    public let action: Action?

    /// A command that does something.
    public init(
        _ name: String, aliases: [String] = [], summary: String, discussion: String = "",
        parameters: [any CommandParameter] = [], groups: [ParameterGroup] = [], usage: String? = nil,
        examples: [Example] = [], seeAlso: [String] = [], isHidden: Bool = false,
        run action: @escaping Action
    ) {
        self.init(
            name, aliases: aliases, summary: summary, discussion: discussion, parameters: parameters,
            groups: groups, usage: usage, examples: examples, seeAlso: seeAlso, isHidden: isHidden,
            action: action)
    }

    /// A group of commands.
    public init(
        _ name: String, aliases: [String] = [], summary: String, discussion: String = "",
        parameters: [any CommandParameter] = [], groups: [ParameterGroup] = [],
        examples: [Example] = [], seeAlso: [String] = [], isHidden: Bool = false, subcommands: [Command]
    ) {
        self.init(
            name, aliases: aliases, summary: summary, discussion: discussion, parameters: parameters,
            groups: groups, examples: examples, seeAlso: seeAlso, isHidden: isHidden,
            subcommands: subcommands,
            action: nil)
    }

    /// With neither action nor subcommands: a command that ``Program`` answers itself.
    init(
        _ name: String, aliases: [String] = [], summary: String, discussion: String = "",
        parameters: [any CommandParameter] = [], groups: [ParameterGroup] = [], usage: String? = nil,
        examples: [Example] = [], seeAlso: [String] = [], isHidden: Bool = false, subcommands: [Command] = [],
        action: Action?
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.discussion = discussion
        self.parameters = parameters
        self.groups = groups
        self.usage = usage
        self.examples = examples
        self.seeAlso = seeAlso
        self.subcommands = subcommands
        self.isHidden = isHidden
        self.action = action
    }

    /// All parameters, grouped ones last.
    public var allParameters: [any CommandParameter] { parameters + groups.flatMap(\.parameters) }

    var declarations: [ParameterDeclaration] { allParameters.map(\.declaration) }
    var arguments: [ParameterDeclaration] { declarations.filter { !$0.isOption } }
    var isGroup: Bool { !subcommands.isEmpty }

    func subcommand(named word: String) -> Command? {
        subcommands.first { $0.name == word || $0.aliases.contains(word) }
    }
}

/// Parameters that belong together in help.
public struct ParameterGroup: Sendable {
    /// The title over them, such as `Resources`.
    public let title: String
    public let parameters: [any CommandParameter]

    public init(_ title: String, _ parameters: [any CommandParameter]) {
        self.title = title
        self.parameters = parameters
    }
}

/// A line that works, and what it is good for.
public struct Example: Hashable, Sendable {
    public var purpose: String
    /// The line, without a prompt.
    public var line: String

    public init(_ purpose: String, _ line: String) {
        self.purpose = purpose
        self.line = line
    }
}

/// The number with which a program ends.
public struct ExitStatus: Hashable, Sendable {
    public var code: Int32

    public init(_ code: Int32) { self.code = code }

    public static let success = ExitStatus(0)
    /// What was run failed, though the command itself did its work.
    public static let failure = ExitStatus(1)
    /// The command line is wrong.
    public static let usage = ExitStatus(2)
}

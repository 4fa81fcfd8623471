import Core

/// What is said of a line that cannot be understood.
extension LineScanner {
    func error(_ message: String, hint: String? = nil) -> UsageError {
        let help = HelpRenderer(chain: chain)
        return UsageError(
            message: message, hint: hint, path: path,
            usage: command.isGroup ? help.commandList() : help.usageLine() + "\n")
    }

    private var name: String { path.joined(separator: " ") }

    func needsValue(_ spelling: String, instead word: String?) -> UsageError {
        let hint = word.map { "to give a value that begins with '-', write \(spelling)=\($0)" }
        let option = options.first { spelling == $0.spelling || spelling == $0.short.map { "-\($0)" } }
        return error("option '\(spelling)' needs a value, \(option?.placeholder ?? "VALUE")", hint: hint)
    }

    func takesNoValue(_ spelling: String) -> UsageError {
        error("option '\(spelling)' is a flag and takes no value")
    }

    func unknownOption(_ spelling: String) -> UsageError {
        var known = options.filter { !$0.isHidden }.flatMap { option in
            option.kind == .flag(negatable: true)
                ? [option.spelling, "--no-\(option.name)"] : [option.spelling]
        }
        known.append("--help")
        let near = spelling.hasPrefix("--") ? nearestName(to: spelling, among: known) : nil
        return error(
            "unknown option '\(spelling)' for '\(name)'", hint: near.map { "did you mean '\($0)'?" })
    }

    func unknownCommand(_ word: String) -> UsageError {
        let known = command.subcommands.filter { !$0.isHidden }.flatMap { [$0.name] + $0.aliases }
        let near = nearestName(to: word, among: known + ["help"])
        return error(
            "unknown command '\(word)' for '\(name)'", hint: near.map { "did you mean '\(name) \($0)'?" })
    }

    func needsCommand() -> UsageError { error("'\(name)' needs a command") }

    func unexpected(_ word: String) -> UsageError {
        let arguments = command.arguments.map(\.placeholder)
        let takes =
            arguments.isEmpty ? "takes no arguments" : "takes only \(arguments.joined(separator: " "))"
        return error("unexpected argument '\(word)': '\(name)' \(takes)")
    }

    func fault(_ fault: ParameterFault, of parameter: ParameterDeclaration) -> UsageError {
        switch fault {
        case .missing where parameter.isOption:
            return error("'\(name)' needs the option \(parameter.spelling) \(parameter.placeholder)")
        case .missing:
            let help = parameter.help.prefix { $0 != "." && $0 != "\n" }
            return error("'\(name)' needs \(parameter.placeholder): \(help.lowercasedFirst)")
        case .repeated:
            return error("option '\(parameter.spelling)' is given twice: which of the two is meant?")
        case .wrong(let text, let expectation):
            let near = nearestName(to: text, among: parameter.choices)
            let what = parameter.isOption ? "option '\(parameter.spelling)'" : parameter.placeholder
            return error(
                "\(what) cannot be '\(text)': give \(expectation)", hint: near.map { "did you mean '\($0)'?" }
            )
        }
    }
}

extension Substring {
    /// The text as it stands in the middle of a sentence; acronyms keep their case.
    fileprivate var lowercasedFirst: String {
        guard let first, dropFirst().first?.isUppercase != true else { return String(self) }
        return first.lowercased() + dropFirst()
    }
}

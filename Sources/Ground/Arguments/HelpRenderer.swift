/// Writes the help of the last command of `chain`: for people who look for a word, and for people who learn.
struct HelpRenderer {
    let chain: [Command]
    /// Columns to fill. Lines longer than a hundred characters are hard to read even where there is room.
    let width: Int

    /// Where the meanings begin, beside the names.
    private static let column = 27

    init(chain: [Command], width: Int = 80) {
        self.chain = chain
        self.width = min(max(width, 40), 100)
    }

    private var command: Command { chain[chain.count - 1] }
    private var name: String { chain.map(\.name).joined(separator: " ") }

    func text() -> String {
        var parts = [wrapped(command.summary + ".", width: width).joined(separator: "\n")]
        parts.append(usageLine())
        if !command.discussion.isEmpty { parts.append(discussion()) }
        if !command.aliases.isEmpty {
            parts.append("Also called: \(command.aliases.joined(separator: ", "))")
        }
        parts += sections()
        if !command.examples.isEmpty { parts.append(examples()) }
        if !command.seeAlso.isEmpty {
            parts.append(
                paragraph("See also: \(command.seeAlso.map { "'\($0)'" }.joined(separator: ", "))", indent: 0)
            )
        }
        if command.isGroup { parts.append("'\(name) COMMAND --help' explains a command.") }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// `Usage: apollo task stop [options] NAME`
    func usageLine() -> String {
        var words: [String] = []
        if command.isGroup {
            words = ["COMMAND", "[options]"]
        } else if let usage = command.usage {
            words = usage.split(separator: " ").map(String.init)
        } else {
            let options = command.declarations.filter { $0.isOption && !$0.isHidden }
            if options.contains(where: { !$0.isRequired }) || chain.count > 1 { words.append("[options]") }
            words += options.filter(\.isRequired).map { "\($0.spelling) \($0.placeholder)" }
            words += command.arguments.map(\.usage)
        }
        let lead = "Usage: \(name) "
        let text = words.joined(separator: " ")
        guard lead.count < width / 2 else {
            return wrapped(lead + text, width: width - 4).joined(separator: "\n    ")
        }
        let margin = "\n" + String(repeating: " ", count: lead.count)
        return (lead + wrapped(text, width: width - lead.count).joined(separator: margin)).trimmedEnd
    }

    /// The commands of a group, one a line.
    func commandList() -> String {
        let commands = command.subcommands.filter { !$0.isHidden }
        var text = "Commands:\n"
        for command in commands { text += entry(command.name, command.summary + ".") }
        return text
    }

    // MARK: Parts

    private func sections() -> [String] {
        var sections: [String] = []
        if command.isGroup { sections.append(commandList().trimmedEnd) }
        let arguments = command.arguments
        if !arguments.isEmpty { sections.append(section("Arguments", arguments)) }
        let options = command.parameters.map(\.declaration).filter { $0.isOption && !$0.isHidden }
        if !options.isEmpty { sections.append(section("Options", options)) }
        for group in command.groups {
            let options = group.parameters.map(\.declaration).filter { $0.isOption && !$0.isHidden }
            if !options.isEmpty { sections.append(section(group.title, options)) }
        }
        sections.append(general())
        return sections
    }

    /// What every command takes. More than a few are explained once, by the program's own help: those of the command itself would be
    /// hard to find among them.
    private func general() -> String {
        let inherited = chain.dropLast().flatMap(\.declarations).filter { $0.isOption && !$0.isHidden }
        guard inherited.count <= Self.fewOptions else {
            let names = inherited.map(\.spelling) + ["--help"]
            return paragraph(
                "General options, which '\(chain[0].name) --help' explains: \(names.joined(separator: ", "))",
                indent: 0)
        }
        var general = inherited.map { entry($0.signature, $0.meaning) }.joined()
        general += entry("-h, --help", "Show this help.")
        if chain.count == 1 { general += entry("    --version", "Show the version.") }
        return "General options:\n" + general.trimmedEnd
    }

    private static let fewOptions = 3

    private func section(_ title: String, _ parameters: [ParameterDeclaration]) -> String {
        "\(title):\n" + parameters.map { entry($0.signature, $0.meaning) }.joined().trimmedEnd
    }

    /// A name and its meaning, beside it where there is room.
    private func entry(_ name: String, _ meaning: String) -> String {
        let column = width < 60 ? 8 : Self.column
        let lines = wrapped(meaning, width: width - column)
        let margin = "\n" + String(repeating: " ", count: column)
        let lead = "  " + name
        guard !lines.isEmpty else { return lead + "\n" }
        let gap = column - lead.count
        let text = lines.joined(separator: margin)
        return lead + (gap >= 2 ? String(repeating: " ", count: gap) : margin) + text + "\n"
    }

    private func discussion() -> String {
        DiscussionBlock.blocks(of: command.discussion).map { block in
            switch block {
            case .paragraph(let text): paragraph(text, indent: 0)
            case .literal(let lines): lines.map { "    " + $0 }.joined(separator: "\n")
            }
        }.joined(separator: "\n\n")
    }

    private func examples() -> String {
        "Examples:\n"
            + command.examples.map { example in
                paragraph(example.purpose + ":", indent: 2) + "\n    $ " + example.line
            }.joined(separator: "\n")
    }

    private func paragraph(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        return wrapped(text, width: width - indent).map { margin + $0 }.joined(separator: "\n")
    }
}

extension ParameterDeclaration {
    /// `NAME`, `[NAME]`, `NAME...`, `[--] [COMMAND...]`.
    var usage: String {
        switch (kind, isRequired) {
        case (.argument, true): placeholder
        case (.argument, false): "[\(placeholder)]"
        case (.arguments, true): "\(placeholder)..."
        case (.arguments, false): "[\(placeholder)...]"
        case (.rest, true): "[--] \(placeholder)..."
        case (.rest, false): "[--] [\(placeholder)...]"
        default: "\(spelling) \(placeholder)".trimmedEnd
        }
    }

    /// `-n, --name NAME`, `    --[no-]color`, `NAME`.
    var signature: String {
        switch kind {
        case .argument: return placeholder
        case .arguments, .rest: return "\(placeholder)..."
        case .option, .flag:
            let lead = short.map { "-\($0), " } ?? "    "
            let name = kind == .flag(negatable: true) ? "--[no-]\(self.name)" : "--\(self.name)"
            return lead + (placeholder.isEmpty ? name : "\(name) \(placeholder)")
        }
    }

    /// The help, and what follows from the type.
    var meaning: String {
        var text = help
        if !choices.isEmpty { text += " One of: \(choices.joined(separator: ", "))." }
        if isOption, isRepeated { text += " May be repeated." }
        if isOption, isRequired { text += " Required." }
        if let defaultText { text += " (default: \(defaultText))" }
        return text
    }
}

extension String {
    var trimmedEnd: String {
        var text = self
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}

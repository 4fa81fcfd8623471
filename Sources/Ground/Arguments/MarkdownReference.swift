extension Program {
    /// The reference of every command, as a page of the manual. Made from the same tree as the help, so that a test can
    /// compare the page in the manual with it.
    public func markdown() -> String {
        var text = "# Command line reference\n\n"
        text += "Made from the program itself; `\(root.name) --help` says the same.\n"
        MarkdownReference.append(chain: [root], to: &text)
        return text
    }
}

private enum MarkdownReference {
    static func append(chain: [Command], to text: inout String) {
        let command = chain[chain.count - 1]
        guard !command.isHidden else { return }
        text += section(of: chain)
        for subcommand in command.subcommands { append(chain: chain + [subcommand], to: &text) }
    }

    private static func section(of chain: [Command]) -> String {
        let command = chain[chain.count - 1]
        let name = chain.map(\.name).joined(separator: " ")
        let usage = HelpRenderer(chain: chain, width: 100).usageLine().dropFirst("Usage: ".count)
        var text = "\n## \(name)\n\n\(command.summary).\n\n```text\n\(usage)\n```\n"
        if !command.aliases.isEmpty {
            text += "\nAlso called \(command.aliases.map { "`\($0)`" }.joined(separator: ", ")).\n"
        }
        for block in DiscussionBlock.blocks(of: command.discussion) {
            switch block {
            case .paragraph(let paragraph): text += "\n\(paragraph)\n"
            case .literal(let lines): text += "\n```text\n\(lines.joined(separator: "\n"))\n```\n"
            }
        }
        text += parameters(of: command)
        if !command.examples.isEmpty {
            text += "\n### Examples\n"
            for example in command.examples {
                text += "\n\(example.purpose):\n\n```sh\n\(example.line)\n```\n"
            }
        }
        if !command.seeAlso.isEmpty {
            text +=
                "\nSee also \(command.seeAlso.map { "[`\($0)`](#\(anchor($0)))" }.joined(separator: ", ")).\n"
        }
        return text
    }

    private static func parameters(of command: Command) -> String {
        var text = ""
        let subcommands = command.subcommands.filter { !$0.isHidden }
        if !subcommands.isEmpty {
            text += list("Commands", subcommands.map { ($0.name, $0.summary + ".") })
        }
        func add(_ title: String, _ declarations: [ParameterDeclaration]) {
            let shown = declarations.filter { !$0.isHidden }
            guard !shown.isEmpty else { return }
            text += list(title, shown.map { ($0.signature.trimmingStart, $0.meaning) })
        }
        add("Arguments", command.arguments)
        add("Options", command.parameters.map(\.declaration).filter(\.isOption))
        for group in command.groups {
            add(group.title, group.parameters.map(\.declaration).filter(\.isOption))
        }
        return text
    }

    private static func list(_ title: String, _ entries: [(String, String)]) -> String {
        "\n### \(title)\n\n" + entries.map { "- `\($0)`: \($1)\n" }.joined()
    }

    /// How GitHub names the heading of a command.
    private static func anchor(_ name: String) -> String { name.replacingSpaces(with: "-") }
}

extension String {
    fileprivate var trimmingStart: String { String(drop { $0 == " " }) }

    fileprivate func replacingSpaces(with mark: Character) -> String { String(map { $0 == " " ? mark : $0 }) }
}

extension Program {
    /// What in the tree contradicts itself: names given twice on one line, arguments that can never be reached. Empty
    /// for a sound program; a test of the program asks.
    public var problems: [String] {
        var problems: [String] = []
        Self.check(chain: [root], &problems)
        return problems
    }

    private static func check(chain: [Command], _ problems: inout [String]) {
        let command = chain[chain.count - 1]
        let path = chain.map(\.name).joined(separator: " ")
        let declarations = chain.flatMap(\.declarations)
        let names = declarations.map(\.name)
        for name in duplicates(names + ["help"]) { problems.append("'\(path)' has '\(name)' twice") }
        let shorts = declarations.compactMap(\.short) + ["h"]
        for short in duplicates(shorts) { problems.append("'\(path)' has '-\(short)' twice") }
        for name in names where name.hasPrefix("no-") && names.contains(String(name.dropFirst(3))) {
            problems.append("'\(path)' has '--\(name)' beside '--\(name.dropFirst(3))'")
        }
        if chain.dropLast().contains(where: { !$0.arguments.isEmpty }) {
            problems.append("a group above '\(path)' has arguments, where only its commands can stand")
        }
        let arguments = command.arguments
        for (place, argument) in arguments.enumerated().dropLast() where argument.kind != .argument {
            problems.append("'\(path)' has arguments after \(argument.placeholder) at place \(place)")
        }
        for (argument, next) in zip(arguments, arguments.dropFirst())
        where !argument.isRequired && next.isRequired {
            problems.append(
                "'\(path)' needs \(next.placeholder) after \(argument.placeholder), which may be missing")
        }
        let commands = command.subcommands.flatMap { [$0.name] + $0.aliases }
        for name in duplicates(commands + ["help"]) {
            problems.append("'\(path)' has the command '\(name)' twice")
        }
        for subcommand in command.subcommands { check(chain: chain + [subcommand], &problems) }
    }

    private static func duplicates<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { !seen.insert($0).inserted }
    }
}

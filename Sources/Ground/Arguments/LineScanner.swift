import Core

/// Reads the words of a command line one at a time, and remembers what they said.
///
/// The parser runs it over the whole line and stops at the first fault; the completion runs it over the words before
/// the cursor and ignores faults.
struct LineScanner {
    /// The commands named so far, the program's first.
    private(set) var chain: [Command]
    /// What was said of each option, by its name.
    private(set) var occurrences: [String: [Occurrence]] = [:]
    /// The words that are no options, nor names of commands.
    private(set) var operands: [String] = []
    /// The option that waits for its value, as it was written.
    private(set) var pending: (declaration: ParameterDeclaration, spelling: String)?
    /// After `--`, or in words for another program: nothing is an option any more.
    private(set) var isRaw = false
    private(set) var asksForHelp = false
    private(set) var asksForVersion = false
    private var isHelpCommand = false

    init(root: Command) { chain = [root] }

    var command: Command { chain[chain.count - 1] }
    var path: [String] { chain.map(\.name) }

    /// The options that may stand here: those of the command and of the groups above it.
    var options: [ParameterDeclaration] { chain.flatMap(\.declarations).filter(\.isOption) }

    /// The argument that the next operand belongs to.
    var nextArgument: ParameterDeclaration? {
        let arguments = command.arguments
        if operands.count < arguments.count { return arguments[operands.count] }
        return arguments.last.flatMap { $0.kind == .argument ? nil : $0 }
    }

    mutating func take(_ word: String) throws(UsageError) {
        if let option = pending {
            pending = nil
            guard !word.looksLikeOption else { throw needsValue(option.spelling, instead: word) }
            occurrences[option.declaration.name, default: []].append(.value(word))
        } else if isRaw {
            try takeOperand(word)
        } else if word == "--" {
            isRaw = true
        } else if word.hasPrefix("--") {
            try takeLong(word)
        } else if word.looksLikeOption || isShort(word) {
            try takeShort(word)
        } else {
            try takeOperand(word)
        }
    }

    // MARK: Options

    private mutating func takeLong(_ word: String) throws(UsageError) {
        let equals = word.firstIndex(of: "=")
        let spelling = String(word[..<(equals ?? word.endIndex)])
        let name = String(spelling.dropFirst(2))
        let value = equals.map { String(word[word.index(after: $0)...]) }
        if let option = options.first(where: { $0.name == name }) {
            try takeOption(option, spelling: spelling, value: value)
        } else if let option = options.first(where: {
            $0.kind == .flag(negatable: true) && name == "no-\($0.name)"
        }) {
            guard value == nil else { throw takesNoValue(spelling) }
            occurrences[option.name, default: []].append(.off)
        } else if name == "help" {
            asksForHelp = true
        } else if name == "version", chain.count == 1 {
            asksForVersion = true
        } else if !asksForHelp {
            throw unknownOption(spelling)
        }
    }

    /// `-n`, `-n value`, `-nvalue`, `-n=value`, and several flags behind one dash: `-it`.
    private mutating func takeShort(_ word: String) throws(UsageError) {
        var rest = word.dropFirst()
        while let letter = rest.popFirst() {
            guard let option = options.first(where: { $0.short == letter }) else {
                if letter == "h" {
                    asksForHelp = true
                } else if !asksForHelp {
                    throw unknownOption("-\(letter)")
                }
                continue
            }
            guard case .option = option.kind else {
                guard rest.first != "=" else { throw takesNoValue("-\(letter)") }
                try takeOption(option, spelling: "-\(letter)", value: nil)
                continue
            }
            if rest.first == "=" {
                rest.removeFirst()
            } else if rest.isEmpty {
                pending = (option, "-\(letter)")
                return
            }
            return try takeOption(option, spelling: "-\(letter)", value: String(rest))
        }
    }

    private mutating func takeOption(
        _ option: ParameterDeclaration, spelling: String, value: String?
    ) throws(UsageError) {
        guard case .option = option.kind else {
            guard value == nil else { throw takesNoValue(spelling) }
            occurrences[option.name, default: []].append(.on)
            return
        }
        guard let value else {
            pending = (option, spelling)
            return
        }
        occurrences[option.name, default: []].append(.value(value))
    }

    private func isShort(_ word: String) -> Bool {
        guard word.hasPrefix("-"), let letter = word.dropFirst().first else { return false }
        return options.contains { $0.short == letter }
    }

    // MARK: Operands

    private mutating func takeOperand(_ word: String) throws(UsageError) {
        if command.isGroup {
            if let subcommand = command.subcommand(named: word) {
                chain.append(subcommand)
            } else if word == "help", !isRaw {
                asksForHelp = true
                isHelpCommand = true
            } else if isHelpCommand || !asksForHelp {
                throw unknownCommand(word)
            }
            return
        }
        // `apollo help task run more`: the words after the command do not matter.
        guard !asksForHelp else { return }
        if nextArgument?.kind == .rest { isRaw = true }
        guard nextArgument != nil else { throw unexpected(word) }
        operands.append(word)
    }

    /// What was said of each parameter, arguments by their places included.
    var allOccurrences: [String: [Occurrence]] {
        var all = occurrences
        for (place, argument) in command.arguments.enumerated() where place < operands.count {
            let words = argument.kind == .argument ? operands[place...place] : operands[place...]
            all[argument.name] = words.map { .value($0) }
        }
        return all
    }

    // MARK: The end of the line

    /// The values of all parameters, once every word is taken.
    func invocation() throws(UsageError) -> Invocation {
        if let pending { throw needsValue(pending.spelling, instead: nil) }
        guard !command.isGroup else { throw needsCommand() }
        let occurrences = allOccurrences
        var values: [String: any Sendable] = [:]
        for parameter in chain.flatMap(\.allParameters) {
            let declaration = parameter.declaration
            do {
                values[declaration.name] = try parameter.value(of: occurrences[declaration.name] ?? [])
            } catch {
                throw fault(error, of: declaration)
            }
        }
        return Invocation(chain: chain, values: values, given: Set(occurrences.keys))
    }
}

extension String {
    /// Begins with a dash, and is neither `-` (a file name that means the standard input) nor a negative number.
    var looksLikeOption: Bool {
        guard hasPrefix("-"), let second = dropFirst().first else { return false }
        return !(second.isASCII && (second.isNumber || second == "."))
    }
}

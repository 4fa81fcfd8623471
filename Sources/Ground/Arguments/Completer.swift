/// Answers the completion scripts: which words may stand where the cursor is.
struct Completer {
    let root: Command

    /// The answer to `apollo __complete WORD…`, the last word being the one under the cursor: a line for each
    /// candidate, with a tab before its description, then a line that begins with a colon and says what else the shell
    /// itself should offer (`:files`, `:directories` or `:none`).
    func answer(for words: [String]) async -> String {
        let offer = await offer(for: words)
        var text = ""
        for candidate in offer.candidates {
            // A line is a candidate: what would break the line is left out.
            guard !candidate.value.isEmpty, !candidate.value.contains(where: { $0.isNewline || $0 == "\t" })
            else {
                continue
            }
            text += candidate.value
            let description = candidate.description.split(whereSeparator: { $0.isNewline || $0 == "\t" })
            if !description.isEmpty { text += "\t" + description.joined(separator: " ") }
            text += "\n"
        }
        return text + ":\(offer.directive.rawValue)\n"
    }

    enum Directive: String { case none, files, directories }

    struct Offer {
        var candidates: [Candidate] = []
        var directive = Directive.none
    }

    func offer(for words: [String]) async -> Offer {
        var scanner = LineScanner(root: root)
        for word in words.dropLast() {
            // A word that is wrong is told of when the line is run; here it is passed over.
            do { try scanner.take(word) } catch { continue }
        }
        let partial = words.last ?? ""
        var offer = await offer(for: partial, after: scanner)
        offer.candidates = offer.candidates.filter { $0.value.hasPrefix(partial) }
        return offer
    }

    private func offer(for partial: String, after scanner: LineScanner) async -> Offer {
        if let option = scanner.pending?.declaration {
            return await values(option, partial, scanner)
        }
        if !scanner.isRaw, partial.hasPrefix("-") {
            guard let equals = partial.firstIndex(of: "="), partial.hasPrefix("--") else {
                return Offer(candidates: options(scanner))
            }
            let name = partial[..<equals].dropFirst(2)
            guard let option = scanner.options.first(where: { $0.name == name }) else { return Offer() }
            let value = String(partial[partial.index(after: equals)...])
            var offer = await values(option, value, scanner)
            offer.candidates = offer.candidates.map { Candidate("--\(name)=\($0.value)", $0.description) }
            return offer
        }
        if scanner.command.isGroup {
            var names = scanner.command.subcommands.filter { !$0.isHidden }.map {
                Candidate($0.name, $0.summary)
            }
            if !scanner.asksForHelp { names.append(Candidate("help", "Explain a command")) }
            return Offer(candidates: names)
        }
        guard let argument = scanner.nextArgument else { return Offer() }
        var offer = await values(argument, partial, scanner)
        // `rm a b`: what stands there already is not offered again.
        if argument.isRepeated { offer.candidates.removeAll { scanner.operands.contains($0.value) } }
        return offer
    }

    private func options(_ scanner: LineScanner) -> [Candidate] {
        var candidates: [Candidate] = []
        for option in scanner.options.reversed() where !option.isHidden {
            if option.isRepeated || scanner.occurrences[option.name] == nil {
                candidates.append(Candidate(option.spelling, option.help.firstSentence))
            }
            if option.kind == .flag(negatable: true) {
                candidates.append(Candidate("--no-\(option.name)", "Not \(option.spelling)"))
            }
        }
        candidates.sort { $0.value < $1.value }
        candidates.append(Candidate("--help", "Show help"))
        if scanner.chain.count == 1 { candidates.append(Candidate("--version", "Show the version")) }
        return candidates
    }

    private func values(
        _ parameter: ParameterDeclaration, _ partial: String, _ scanner: LineScanner
    ) async -> Offer {
        switch parameter.completion {
        case .none: return Offer()
        case .files: return Offer(directive: .files)
        case .directories: return Offer(directive: .directories)
        case .choices(let candidates): return Offer(candidates: candidates)
        case .dynamic(let candidates):
            let context = CompletionContext(
                partial: partial, path: scanner.path, occurrences: scanner.allOccurrences)
            return Offer(candidates: await candidates(context))
        }
    }
}

extension String {
    fileprivate var firstSentence: String { String(prefix { $0 != "." && !$0.isNewline }) }
}

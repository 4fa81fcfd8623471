import Buses

/// Feeds a subject and patterns, a line each, to what a bus reads. Whether a pattern matches is the same for the tree that a bus keeps, for
/// the pattern alone, and for the rule in other words.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSubjects(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let lines = UnsafeBufferPointer(start: start, count: count).split(
        separator: 0x0A, maxSplits: 40, omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self) }
    guard let first = lines.first else { return 0 }
    let patterns = lines.dropFirst().compactMap { line in
        let pattern = SubjectPattern(parsing: line)
        precondition(pattern == nil || pattern?.text == line)
        return pattern
    }
    guard let subject = Subject(parsing: first) else {
        precondition(!isSubject(first), "refused: \(first)")
        return 0
    }
    precondition(isSubject(first) && subject.text == first, "taken: \(first)")
    precondition(Subject(subject.tokens.map(String.init)) == subject)
    precondition(SubjectPattern(subject).matches(subject))
    var tree = SubjectTree<Int>()
    for (index, pattern) in patterns.enumerated() { tree.insert(index, id: UInt64(index), under: pattern) }
    var found: [Int] = []
    tree.forEach(matching: subject) { found.append($0) }
    let expected = patterns.indices.filter { patterns[$0].matches(subject) }
    precondition(found.sorted() == expected, "the tree finds \(found.sorted()), the patterns say \(expected)")
    for index in patterns.indices {
        precondition(expected.contains(index) == isMatch(patterns[index].text, first))
        tree.remove(id: UInt64(index), under: patterns[index])
    }
    precondition(tree.count == 0)
    tree.forEach(matching: subject) { _ in preconditionFailure("found after it was removed") }
    return 0
}

private func isSubject(_ text: String) -> Bool {
    let tokens = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 255 && tokens.count <= 16
        && tokens.allSatisfy { token in
            !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2A && $0 != 0x3E }
        }
}

private func isMatch(_ pattern: String, _ subject: String) -> Bool {
    let wanted = pattern.split(separator: ".")
    let given = subject.split(separator: ".")
    let isOpen = wanted.last == ">"
    let fixed = isOpen ? wanted.count - 1 : wanted.count
    guard isOpen ? given.count > fixed : given.count == fixed else { return false }
    return zip(wanted.prefix(fixed), given).allSatisfy { $0 == "*" || $0 == $1 }
}

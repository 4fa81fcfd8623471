/// The name among `names` that `word` was most likely meant to be, or nil where none is near.
///
/// Near is one slip (a letter wrong, missing, too many, or two swapped) for every three letters, or a name that
/// begins with the word. Ties go to the one that stands first.
public func nearestName(to word: String, among names: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().unicodeScalars.prefix(64))
    guard !typed.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for name in names where name != word {
        let candidate = Array(name.lowercased().unicodeScalars.prefix(64))
        let allowed = max(1, min(typed.count, candidate.count) / 3)
        var distance = editDistance(typed, candidate)
        if distance > allowed {
            guard typed.count >= 3, candidate.starts(with: typed) else { continue }
            distance = allowed + 1
        }
        if best.map({ distance < $0.distance }) ?? true { best = (name, distance) }
    }
    return best?.name
}

/// The number of letters to change, add, remove or swap with their neighbour: the restricted Damerau–Levenshtein
/// distance, by the usual table of which three rows are kept.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        row.reserveCapacity(b.count + 1)
        for j in b.indices {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}

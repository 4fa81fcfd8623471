/// Finds what someone probably meant.
public enum Spelling {
    /// The one of `candidates` that is `word` but for case and separators, or else few slips away; nil for none.
    public static func nearest(to word: String, among candidates: [String]) -> String? {
        // Longer words are no slips, and would only cost time.
        guard !word.isEmpty, word.utf8.count <= 64 else { return nil }
        let plain = bare(word)
        if let same = candidates.first(where: { bare($0) == plain }) { return same }
        let allowed = max(1, plain.count / 3)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates where candidate.utf8.count <= 64 {
            let distance = distance(plain, bare(candidate))
            if distance <= allowed, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.candidate
    }

    /// Letters in lower case, without `_`, `-` and spaces.
    private static func bare(_ word: String) -> [UInt8] {
        word.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }

    /// The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                let isSame = a[i - 1] == b[j - 1]
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cost = min(cost, beforeLast[j - 2] + 1)
                }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}

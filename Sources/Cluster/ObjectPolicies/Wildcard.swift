/// Texts with `*` for any text and `?` for any one character.
enum Wildcard {
    /// Whether `text` is what `pattern` says, by bytes, but for `?`, which is one character. Takes at most the product of their lengths.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let (pattern, text) = (Array(pattern.unicodeScalars), Array(text.unicodeScalars))
        var (at, place) = (0, 0)
        // The last star, and where in the text it was tried: everything before them is settled.
        var (star, tried): (Int?, Int) = (nil, 0)
        while place < text.count {
            if at < pattern.count, pattern[at] == "*" {
                (star, tried) = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == "?" || pattern[at] == text[place] {
                at += 1
                place += 1
            } else if let star {
                tried += 1
                (at, place) = (star + 1, tried)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}

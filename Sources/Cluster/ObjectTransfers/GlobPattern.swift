/// A pattern of names, as shells have them: `*` is any text without a slash, `**` any at all, `**/` any number of folders,
/// `?` one character but a slash, `[a-z]` and `[!a-z]` one of those named or not named, and `\` takes the next of these as it is.
public struct GlobPattern: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case literal(Unicode.Scalar)
        case one
        case text
        case anything
        case folders
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    public let text: String
    private let tokens: [Token]

    public init(_ text: String) {
        self.text = text
        var tokens: [Token] = []
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                // Before anything else it is a character like others: keys have it, too.
                let isEscape = rest.first.map { "*?[]\\".unicodeScalars.contains($0) } ?? false
                tokens.append(.literal(isEscape ? rest.removeFirst() : scalar))
            case "?": tokens.append(.one)
            case "*":
                var count = 1
                while rest.first == "*" {
                    rest.removeFirst()
                    count += 1
                }
                let isAtStart = tokens.isEmpty || tokens.last == .literal("/") || tokens.last == .folders
                if count > 1, isAtStart, rest.first == "/" {
                    rest.removeFirst()
                    tokens.append(.folders)
                } else {
                    tokens.append(count > 1 ? .anything : .text)
                }
            case "[": tokens.append(Self.set(&rest) ?? .literal(scalar))
            default: tokens.append(.literal(scalar))
            }
        }
        self.tokens = tokens
    }

    /// What is between `[` and `]`, which it takes; nil where it is none.
    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Token? {
        var inner = rest
        let isNegated = inner.first == "!" || inner.first == "^"
        if isNegated { inner.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let first = inner.popFirst() {
            // The first may be a bracket itself.
            if first == "]", !ranges.isEmpty {
                rest = inner
                return .set(ranges, isNegated: isNegated)
            }
            guard inner.first == "-", let last = inner.dropFirst().first, last != "]" else {
                ranges.append(first...first)
                continue
            }
            guard first <= last else { return nil }
            ranges.append(first...last)
            inner = inner.dropFirst(2)
        }
        return nil
    }

    /// Whether a text has anything in it that makes it a pattern.
    public static func isPattern(_ text: String) -> Bool {
        GlobPattern(text).tokens.contains { if case .literal = $0 { false } else { true } }
    }

    /// What everything that matches begins with; all of the text, unescaped, where it is no pattern.
    public var literalPrefix: String {
        var prefix = String.UnicodeScalarView()
        for token in tokens {
            guard case .literal(let scalar) = token else { break }
            prefix.append(scalar)
        }
        return String(prefix)
    }

    /// Whether all of `text` is what the pattern says. In a time that the two lengths bound.
    public func matches(_ text: String) -> Bool {
        // The tokens that may come next, behind what was read so far.
        var active = [Bool](repeating: false, count: tokens.count + 1)
        active[0] = true
        skip(&active, isFolderStart: true)
        for scalar in text.unicodeScalars {
            var next = [Bool](repeating: false, count: tokens.count + 1)
            for (index, token) in tokens.enumerated() where active[index] {
                switch token {
                case .literal(let wanted): if scalar == wanted { next[index + 1] = true }
                case .one: if scalar != "/" { next[index + 1] = true }
                case .text: if scalar != "/" { next[index] = true }
                case .anything, .folders: next[index] = true
                case .set(let ranges, let isNegated):
                    let isNamed = ranges.contains { $0.contains(scalar) }
                    if scalar != "/", isNamed != isNegated { next[index + 1] = true }
                }
            }
            skip(&next, isFolderStart: scalar == "/")
            active = next
        }
        return active[tokens.count]
    }

    /// Marks what comes behind tokens that may stand for nothing.
    private func skip(_ active: inout [Bool], isFolderStart: Bool) {
        for (index, token) in tokens.enumerated() where active[index] {
            switch token {
            case .text, .anything: active[index + 1] = true
            case .folders: if isFolderStart { active[index + 1] = true }
            default: break
            }
        }
    }
}

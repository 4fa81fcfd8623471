/// What a message is about: tokens that go from the general to the particular, such as `tasks.default.01hzy3m8k2w7q4v9x0ab.state`.
///
/// 1 to 16 tokens of visible ASCII without `.`, `*` and `>`, at most 255 bytes in all: what NATS takes too.
public struct Subject: Hashable, Sendable {
    public static let maximumBytes = 255
    public static let maximumTokens = 16

    public let text: String

    /// Reads a subject; nil where it is none.
    public init?(parsing text: String) {
        guard Self.isSubject(text) else { return nil }
        self.text = text
    }

    /// Whether it is tokens without wild cards. In one pass over its bytes: a manager says each state of each task.
    private static func isSubject(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard (1...maximumBytes).contains(bytes.count) else { return false }
            var (tokens, length) = (1, 0)
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "."):
                    guard length > 0 else { return false }
                    (tokens, length) = (tokens + 1, 0)
                case UInt8(ascii: "*"), UInt8(ascii: ">"): return false
                case 0x21...0x7E: length += 1
                default: return false
                }
            }
            return length > 0 && tokens <= maximumTokens
        }
    }

    /// Puts a subject together; nil where one of the tokens cannot be one.
    public init?(_ tokens: [String]) {
        guard tokens.allSatisfy({ !$0.utf8.contains(UInt8(ascii: ".")) }) else { return nil }
        self.init(parsing: tokens.joined(separator: "."))
    }

    public var tokens: [Substring] { text.split(separator: ".", omittingEmptySubsequences: false) }

    /// The tokens of a subject or a pattern; nil where the text is neither.
    static func tokens(of text: String) -> [Substring]? {
        guard (1...maximumBytes).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        let tokens = text.split(separator: ".", omittingEmptySubsequences: false)
        guard tokens.count <= maximumTokens else { return nil }
        let areTokens = tokens.allSatisfy { token in
            // A wild card stands alone.
            !token.isEmpty
                && (token == "*" || token == ">" || !token.utf8.contains { $0 == 0x2A || $0 == 0x3E })
        }
        return areTokens ? tokens : nil
    }
}

extension Subject: CustomStringConvertible {
    public var description: String { text }
}

/// Which subjects a subscriber wants: as a subject, with `*` for any one token and `>` at the end for one or more.
public struct SubjectPattern: Hashable, Sendable {
    public let text: String

    /// Reads a pattern; nil where it is none.
    public init?(parsing text: String) {
        guard let tokens = Subject.tokens(of: text), !tokens.dropLast().contains(">") else { return nil }
        self.text = text
    }

    /// The pattern of one subject.
    public init(_ subject: Subject) { text = subject.text }

    var tokens: [Substring] { text.split(separator: ".", omittingEmptySubsequences: false) }

    public func matches(_ subject: Subject) -> Bool {
        var wanted = tokens[...]
        var given = subject.tokens[...]
        while let token = wanted.popFirst() {
            if token == ">" { return !given.isEmpty }
            guard let next = given.popFirst(), token == "*" || token == next else { return false }
        }
        return given.isEmpty
    }
}

extension SubjectPattern: CustomStringConvertible {
    public var description: String { text }
}

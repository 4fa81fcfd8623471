/// Which of the paths in a folder are meant.
///
/// What an exclusion matches is left out, with all that is in it, unless an inclusion matches it as well. Where there are inclusions
/// alone, nothing but what they match is meant. A pattern without a slash is held against each name in a path, another against the
/// path from its beginning.
public struct PathFilter: Hashable, Sendable {
    private struct Rule: Hashable, Sendable {
        var pattern: GlobPattern
        var isAnchored: Bool

        init(_ text: String) {
            let bare = text.hasSuffix("/") ? text.dropLast() : text[...]
            isAnchored = bare.contains("/")
            pattern = GlobPattern(String(bare.first == "/" ? bare.dropFirst() : bare))
        }

        func matches(_ path: String) -> Bool {
            let names = path.split(separator: "/", omittingEmptySubsequences: false)
            guard isAnchored else { return names.contains { pattern.matches(String($0)) } }
            // The path, and every folder that it is in.
            return (1...names.count).contains { pattern.matches(names.prefix($0).joined(separator: "/")) }
        }
    }

    private let included: [Rule]
    private let excluded: [Rule]

    public init(including included: [String] = [], excluding excluded: [String] = []) {
        self.included = included.map { Rule($0) }
        self.excluded = excluded.map { Rule($0) }
    }

    public func takes(_ path: String) -> Bool {
        if included.contains(where: { $0.matches(path) }) { return true }
        if excluded.isEmpty { return included.isEmpty }
        return !excluded.contains { $0.matches(path) }
    }
}

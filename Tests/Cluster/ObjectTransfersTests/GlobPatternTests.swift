import ObjectTransfers
import Testing

@Suite struct GlobPatternTests {
    @Test(
        "A pattern matches what shells match",
        arguments: [
            ("*.csv", "a.csv", true), ("*.csv", ".csv", true), ("*.csv", "a/b.csv", false), ("*", "", true),
            ("?", "é", true), ("?", "ab", false), ("?", "/", false), ("a*c", "abbbc", true),
            ("a*c", "ab", false),
            ("**", "a/b/c", true), ("a/**", "a/b/c", true), ("a/**", "b/a", false), ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/b/c", true), ("a/**/c", "a/bc", false), ("**/c", "c", true),
            ("**/c", "a/b/c", true),
            ("**/c", "abc", false), ("a**z", "a/b/z", true), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true), ("[!a]x", "/x", false), ("[]]x", "]x", true), ("[a", "[a", true),
            ("[z-a]", "m", false), ("\\*", "*", true), ("\\*", "x", false), ("\\", "\\", true),
            ("a\\b", "a\\b", true), ("a\\\\b", "a\\b", true),
            ("*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ])
    func matching(_ pattern: String, _ text: String, _ isMatch: Bool) {
        #expect(GlobPattern(pattern).matches(text) == isMatch)
    }

    @Test("A text is a pattern where it has a character that stands for others")
    func patterns() {
        #expect(GlobPattern.isPattern("a*"))
        #expect(GlobPattern.isPattern("a[b]"))
        #expect(!GlobPattern.isPattern("a\\*"))
        #expect(!GlobPattern.isPattern("a[b"))
        #expect(GlobPattern("a\\*b").literalPrefix == "a*b")
        #expect(GlobPattern("2026/1?.csv").literalPrefix == "2026/1")
        #expect(GlobPattern("a/**/b").literalPrefix == "a/")
    }
}

@Suite struct PathFilterTests {
    private func taken(_ paths: [String], _ included: [String] = [], _ excluded: [String] = []) -> [String] {
        let filter = PathFilter(including: included, excluding: excluded)
        return paths.filter { filter.takes($0) }
    }

    private let paths = [
        "a.csv", "a.tmp", "cache/x", "sub/cache/y", "sub/b.csv", "logs/1.gz", "sub/logs/2.gz",
    ]

    @Test("Without rules everything is taken")
    func nothing() { #expect(taken(paths) == paths) }

    @Test(
        "A pattern without a slash is held against every name, and leaves out what is in a folder of that name"
    )
    func names() {
        #expect(
            taken(paths, [], ["*.tmp", "cache"]) == ["a.csv", "sub/b.csv", "logs/1.gz", "sub/logs/2.gz"])
    }

    @Test("A pattern with a slash is held against the path from its beginning")
    func anchored() {
        #expect(taken(["a", "sub/a"], [], ["/a"]) == ["sub/a"])
        #expect(taken(paths, [], ["logs/*.gz"]).contains("sub/logs/2.gz"))
        #expect(!taken(paths, [], ["logs/*.gz"]).contains("logs/1.gz"))
        #expect(taken(["sub/x/y", "z"], [], ["sub/"]) == ["sub/x/y", "z"].filter { $0 == "z" })
    }

    @Test("Inclusions alone are all that is taken, and beside exclusions they are exceptions")
    func inclusions() {
        #expect(taken(paths, ["*.csv"]) == ["a.csv", "sub/b.csv"])
        #expect(taken(paths, ["*.csv"], ["*"]) == ["a.csv", "sub/b.csv"])
        #expect(taken(["t/keep", "t/go", "x"], ["t/keep"], ["t"]) == ["t/keep", "x"])
    }
}

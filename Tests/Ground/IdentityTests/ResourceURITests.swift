import Core
import Identity
import Testing

@Suite struct ResourceURITests {
    @Test(arguments: [
        "task://local", "task://local/default", "task://local/default/default/web",
        "blob://local/default/default/bucket/a/b/c", "role://local/default/reader-of.things_2~x",
        "image://local/default/default/busybox:1.36", "secret://c/o/p/user@host+1,2=3",
    ])
    func `what is well formed is read, and written the same`(_ text: String) throws {
        #expect(try ResourceURI(parsing: text).description == text)
    }

    @Test(arguments: [
        "", "task", "task:", "task:/", "task://", "task:///", "task://local/", "task://local//x",
        "task:///local",
        "://local", "tasks://local", "TASK://local", "Task://local", " task://local", "task://local ",
        "task://local/..", "task://local/.", "task://local/../x", "task://local/a/./b", "task://local/%2e%2e",
        "task://local/a%2fb", "task://local/a\\b", "task://local/a b", "task://local/a\0b",
        "task://local/a\nb",
        "task://local/ä", "task://local/a\u{301}", "task://local/\u{301}a", "task://local/аdmin",
        "task://local/*", "task://local/a?b", "task://local/a#b", "task://local/a;b", "task://local/$(x)",
        "user://local/admin", "task//local", "task:local", "/task://local", "file:///etc/passwd",
        "task://local/\u{2028}", "task://local/\u{202e}x", "task://local/a\u{200b}",
        "task://local/\u{ff0e}\u{ff0e}",
    ])
    func `hostile text is refused as invalid`(_ text: String) {
        #expect { try ResourceURI(parsing: text) } throws: { ($0 as? ApolloError)?.kind == .invalid }
    }

    @Test func `sizes are bounded`() throws {
        let long = String(repeating: "a", count: 255)
        #expect(throws: Never.self) { try ResourceURI(.task, [long, long, long]) }
        #expect(throws: ApolloError.self) { try ResourceURI(.task, [long + "a"]) }
        #expect(throws: ApolloError.self) { try ResourceURI(.task, [long, long, long, long]) }
        #expect(throws: ApolloError.self) { try ResourceURI(.task, .init(repeating: "a", count: 33)) }
        #expect(throws: ApolloError.self) { try ResourceURI(.task, []) }
        #expect(throws: ApolloError.self) { try ResourceURI(.task, ["a/b"]) }
        #expect(throws: ApolloError.self) {
            try ResourceURI(parsing: "task://" + String(repeating: "a/", count: 1_000_000))
        }
    }

    /// Whatever bytes come, reading them ends well, and what is accepted is canonical.
    @Test func `random text never breaks the reader`() {
        var random = SeededGenerator(seed: 2)
        let pieces = [
            "task", "blob", "://", "/", "//", "local", "..", ".", "%2f", "a", "\u{301}", "\0", "é", ":", "@",
            "~",
            "\u{10ffff}",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                pieces.randomElement(using: &random)!
            }
            .joined()
            guard let uri = try? ResourceURI(parsing: text) else { continue }
            #expect(uri.description == text)
            #expect(!uri.path.contains { $0.isEmpty || $0 == ".." || $0 == "." })
        }
    }

    @Test(arguments: [
        ("task://local", "task://local", true), ("task://local", "task://local/a/b/c", true),
        ("task://local/a", "task://local/ab", false), ("task://local/ab", "task://local/a", false),
        ("task://local/a/b", "task://local/a", false), ("task://local/a", "job://local/a", false),
        ("task://local/a", "task://local/A", false),
    ])
    func `a prefix contains what is under it, on the borders of segments`(
        _ prefix: String, _ other: String, _ expected: Bool
    ) throws {
        #expect(try ResourceURI(parsing: prefix).contains(ResourceURI(parsing: other)) == expected)
    }

    @Test func `principals are read strictly, too`() throws {
        #expect(try Principal(parsing: "user://local/admin") == .localAdministrator)
        #expect(try Principal(parsing: "node://east/n-1").description == "node://east/n-1")
        for text in [
            "", "admin", "user://admin", "user://local/", "root://local/x", "user://a/b/c", "user://a/..",
        ] {
            #expect(throws: ApolloError.self, "\(text)") { try Principal(parsing: text) }
        }
        #expect(throws: ApolloError.self) { try Principal(.user, realm: "a/b", name: "c") }
    }
}

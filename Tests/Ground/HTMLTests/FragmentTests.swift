import HTML
import Testing

@Suite struct FragmentTests {
    static let vectors = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "</title><b>",
        "<!--", "-->", "]]>", "&lt;", "\u{0}<", "\u{1F}", "<\u{338}", "é<ü>",
    ]

    @Test(arguments: vectors)
    func `text shows as it is, in elements and in attributes`(text: String) {
        let page = Fragment.element(.p, [.title(text), .class("a")], [Fragment(text), "\(text)"])
        let inner = page.text.dropFirst(#"<p title=""#.count).dropLast("</p>".count)
        #expect(!inner.replacingMarkup.contains("<"))
        #expect(page.text.split(separator: "\"").count == 5)
    }

    @Test func `references are the five that matter`() {
        #expect(Fragment("<&>\"'a").text == "&lt;&amp;&gt;&quot;&#39;a")
        #expect(Fragment("a\u{0}b\tc\n").text == "a\u{FFFD}b\tc\n")
    }

    @Test func `a letter with a mark on a bracket is two code points, and both are seen`() {
        // To Swift `<` with a combining mark is one character, to a browser it begins an element.
        #expect(Fragment("<\u{338}").text.utf8.first == UInt8(ascii: "&"))
    }

    @Test func `elements that hold nothing have no end`() {
        #expect(Fragment.element(.br).text == "<br>")
        #expect(Fragment.element(.div).text == "<div></div>")
        #expect(Fragment.element(.input, [.required, .name("a")]).text == #"<input required name="a">"#)
    }

    @Test(arguments: ["javascript:alert(1)", "//evil.example", "../../x", "..", "a/b", "a b?c#d", "é"])
    func `paths lead nowhere else`(segment: String) {
        let path = SitePath(segments: ["tasks", segment]).text
        #expect(path.hasPrefix("/tasks/"))
        #expect(path.split(separator: "/", omittingEmptySubsequences: false).count == 3)
        #expect(!path.dropFirst(7).contains { ":?#/ ".contains($0) })
        #expect(!path.hasSuffix("/.."))
    }

    @Test func `a query is escaped`() {
        let path = SitePath("/").query([("q", "a&b=c"), ("p", "")])
        #expect(path.text == "/?q=a%26b%3Dc&p=")
    }
}

extension Substring {
    /// Without the one end of the opening tag that belongs there.
    fileprivate var replacingMarkup: String {
        guard let end = firstIndex(of: ">") else { return String(self) }
        return String(self[..<end]) + String(self[index(after: end)...])
    }
}

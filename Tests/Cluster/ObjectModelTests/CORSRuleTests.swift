import ObjectModel
import Testing

@Suite struct CORSRuleTests {
    private let rule = CORSRule(
        origins: ["https://*.example.org", "http://localhost:3000"], methods: ["GET", "PUT"],
        headers: ["x-amz-*", "Content-Type"])

    @Test(
        "A page may do what its origin, its method and its fields are named for",
        arguments: [
            ("https://a.example.org", "GET", [String](), true), ("https://example.org", "GET", [], false),
            ("https://.example.org", "PUT", ["X-Amz-Date", "content-type"], true),
            ("https://a.example.org.evil", "GET", [], false),
            ("http://localhost:3000", "GET", ["x-other"], false),
            ("http://localhost:3000", "DELETE", [], false), ("http://localhost:30001", "GET", [], false),
        ])
    func allows(origin: String, method: String, headers: [String], isAllowed: Bool) {
        #expect(rule.allows(origin: origin, method: method, headers: headers) == isAllowed)
    }

    @Test("A star is any text, and what it stands between does not overlap")
    func stars() {
        let rule = CORSRule(origins: ["ab*ba"], methods: ["GET"])
        #expect(!rule.allows(origin: "aba", method: "GET"))
        #expect(rule.allows(origin: "abba", method: "GET"))
        #expect(CORSRule(origins: ["*"], methods: ["GET"]).isForAll)
    }
}

import ObjectModel
import Testing

@Suite struct NameTests {
    @Test(
        "Names of buckets can stand in a host's name",
        arguments: ["abc", "a-b", "a.b.c", "0123", "1.2.3", "x--y"])
    func buckets(name: String) { #expect(BucketName(parsing: name)?.text == name) }

    @Test(
        "What could not, or would be an address, is none",
        arguments: [
            "", "ab", "Abc", "a_b", "-ab", "ab-", ".ab", "ab.", "a..b", "192.168.5.4", "a/b", "a b", "äbc",
            String(repeating: "a", count: 64),
        ])
    func noBuckets(name: String) { #expect(BucketName(parsing: name) == nil) }

    @Test(
        "Keys are any text of up to 1,024 bytes, and no paths",
        arguments: ["a", ".", "../../x", "a//b", "/", "ü€"])
    func keys(key: String) { #expect(ObjectKey(key)?.text == key) }

    @Test("A key is not empty, not longer, and has no NUL")
    func noKeys() {
        #expect(ObjectKey("") == nil && ObjectKey("a\0b") == nil)
        #expect(ObjectKey(String(repeating: "a", count: 1024)) != nil)
        #expect(ObjectKey(String(repeating: "a", count: 1025)) == nil)
        #expect(ObjectKey(String(repeating: "ü", count: 513)) == nil)
    }

    @Test("Two spellings of a letter are two keys")
    func spellings() throws {
        let (one, two) = (try #require(ObjectKey("\u{E9}")), try #require(ObjectKey("e\u{301}")))
        #expect(one.text == two.text && one != two)
        #expect(Set([one, two]).count == 2)
    }

    @Test("A condition holds as HTTP says, with quotes and without")
    func conditions() throws {
        try ObjectCondition(match: "\"a\"").check("a")
        try ObjectCondition(match: "a, b").check("b")
        try ObjectCondition(noneMatch: "*").check(nil)
        #expect(throws: ObjectCondition.Refusal.missing) { try ObjectCondition(match: "\"a\"").check(nil) }
        #expect(throws: ObjectCondition.Refusal.failed) { try ObjectCondition(match: "\"a\"").check("b") }
        #expect(throws: ObjectCondition.Refusal.failed) { try ObjectCondition(noneMatch: "*").check("a") }
    }
}

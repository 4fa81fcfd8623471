import Core
import Testing

@testable import Buses

struct SubjectTests {
    @Test(arguments: [
        "a", "a.b", "tasks.default.01h.state", "_inbox.x", "A-b_c.$", String(repeating: "x", count: 255),
    ])
    func `these are subjects`(_ text: String) {
        #expect(Subject(parsing: text)?.text == text)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "a b", "a\n", "é", "*", "a.*", "a.>", "a*", "a.b>",
        String(repeating: "x", count: 256), "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a",
    ])
    func `these are none`(_ text: String) {
        #expect(Subject(parsing: text) == nil)
    }

    @Test(arguments: [">.a", "a.>.b", "a*", "*a", "a>", "", "a..>"])
    func `these are no patterns`(_ text: String) {
        #expect(SubjectPattern(parsing: text) == nil)
    }

    @Test func `a token with a dot makes no subject`() {
        #expect(Subject(["tasks", "a.b"]) == nil)
        #expect(Subject(["tasks", "a"])?.text == "tasks.a")
    }

    /// Deterministic numbers: the tree and the plain matcher must agree on all of them.
    @Test func `the tree finds what matching one by one finds`() throws {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var tree = SubjectTree<Int>()
        var patterns: [Int: SubjectPattern] = [:]
        for id in 0..<400 {
            var tokens = (0...next(4)).map { _ in ["a", "b", "c", "*"][next(4)] }
            if next(4) == 0 { tokens.append(">") }
            let pattern = try #require(SubjectPattern(parsing: tokens.joined(separator: ".")))
            patterns[id] = pattern
            tree.insert(id, id: UInt64(id), under: pattern)
        }
        for id in 0..<100 {
            tree.remove(id: UInt64(id), under: patterns.removeValue(forKey: id)!)
        }
        #expect(tree.count == 300)
        for _ in 0..<500 {
            let subject = try #require(Subject((0...next(5)).map { _ in ["a", "b", "c"][next(3)] }))
            var found: [Int] = []
            tree.forEach(matching: subject) { found.append($0) }
            let expected = patterns.filter { $0.value.matches(subject) }.keys
            #expect(found.sorted() == expected.sorted(), "\(subject)")
        }
        for (id, pattern) in patterns { tree.remove(id: UInt64(id), under: pattern) }
        #expect(tree.count == 0)
    }
}

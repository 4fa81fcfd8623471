import Core
import Testing

enum Thing {}

struct IdentifierTests {
    private func make(_ milliseconds: Int64, _ random: UInt64) -> Identifier<Thing> {
        Identifier(time: Timestamp(microseconds: milliseconds * 1000), random: random)
    }

    @Test func `identifiers sort by their time whatever the random bits`() {
        #expect(make(1, .max) < make(2, 0))
        #expect(make(1_790_000_000_000, .max) < make(1_790_000_000_001, 0))
    }

    @Test func `every random bit that is used makes another identifier`() {
        let base = make(5, 0)
        let others = Set((0..<52).map { make(5, 1 << UInt64($0)) })
        #expect(others.count == 52)
        #expect(!others.contains(base))
    }

    @Test func `every bit of the time makes another identifier`() {
        #expect(Set((0..<47).map { make(1 << Int64($0), 0) }).count == 47)
    }

    @Test(arguments: [
        (Int64(1790000000000), UInt64(12345), "06gc8m3c000000000c1s"),
        (Int64(0), UInt64(0), "00000000000000000000"),
        (Int64(281474976710655), UInt64(18446744073709551615), "zzzzzzzzzzzzzzzzzzzz"),
        (Int64(1763000123456), UInt64(11400714819323198485), "06d7nzr081vsq5zmmz0n"),
        (Int64(1), UInt64(2251799813685248), "00000000060000000000"),
    ])
    func `the text is 48 bits of time and 52 of randomness`(_ time: Int64, _ random: UInt64, _ text: String) {
        #expect(make(time, random).text == text)
        #expect(Identifier<Thing>(parsing: text) == make(time, random))
    }

    @Test(arguments: [0, 5, 0x7FFF_F7D4_2B40, Int.max])
    func `a dictionary finds identifiers that differ in any of their bits in different places`(_ seed: Int) {
        let counted = (0..<1024).map { make(5, UInt64($0)) }
        let later = (0..<1024).map { make(Int64($0), 5) }
        let apart = (0..<1024).map { make(5, UInt64($0) << 42) }
        for identifiers in [counted, later, apart] {
            #expect(Set(identifiers).count == 1024)
            // The lowest bits are what a table of so many places goes by; of as many drawn by lot 647 would be different.
            let places = Set(identifiers.map { $0._rawHashValue(seed: seed) & 1023 })
            #expect(places.count > 500)
        }
    }

    @Test func `identifiers sort as their texts do`() {
        var mixed: UInt64 = 1
        func next() -> UInt64 {
            mixed = (mixed ^ mixed >> 29) &* 0x9E37_79B9_7F4A_7C15
            return mixed ^ mixed >> 32
        }
        for _ in 0..<1000 {
            // Close together, so that either half may decide.
            let (a, b) = (make(Int64(next() & 3), next()), make(Int64(next() & 3), next()))
            #expect((a < b) == (a.text < b.text))
            #expect((a == b) == (a.text == b.text))
            #expect(Identifier<Thing>(parsing: a.text) == a)
        }
    }

    @Test func `each character that is no digit is refused at each place`() {
        let digits = Set("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        for place in 0..<20 {
            for byte in UInt8(1)..<128 {
                var bytes = [UInt8](repeating: UInt8(ascii: "0"), count: 20)
                bytes[place] = byte
                let text = String(decoding: bytes, as: UTF8.self)
                #expect((Identifier<Thing>(parsing: text) != nil) == digits.contains(byte))
            }
        }
    }

    @Test func `an identifier reads back`() {
        let id = make(1_790_000_000_000, 12345)
        #expect(Identifier<Thing>(parsing: id.text) == id)
        #expect(id.text.utf8.count == 20)
    }

    @Test func `identifiers sort as their texts do, and every digit reads back`() {
        var random: UInt64 = 7
        let all = (0..<500).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return make(Int64(random >> 17), random &* 0x9E37_79B9_7F4A_7C15)
        }
        #expect(all.sorted().map(\.text) == all.map(\.text).sorted())
        #expect(all.allSatisfy { Identifier<Thing>(parsing: $0.text) == $0 })
        for digit in "0123456789abcdefghjkmnpqrstvwxyz" {
            let text = String(repeating: digit, count: 20)
            #expect(Identifier<Thing>(parsing: text)?.text == text)
        }
    }

    @Test(arguments: [
        "", "0123456789", "0123456789ABCDEFGHJK", "0123456789abcdefghiz", "0123456789abcdefghjkm",
        "../../../../etc/pass",
    ])
    func `what is no identifier is refused`(_ text: String) {
        #expect(Identifier<Thing>(parsing: text) == nil)
    }
}

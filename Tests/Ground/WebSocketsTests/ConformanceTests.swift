import Testing

@testable import WebSockets

/// The cases that the Autobahn suite tries on a server, by its numbers, as values: what is sent, and what comes back.
struct ConformanceTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var number: String
        var frames: [[UInt8]]
        var expected: [EchoBench.Sent]

        init(_ number: String, _ frames: [[UInt8]], _ expected: [EchoBench.Sent]) {
            self.number = number
            self.frames = frames
            self.expected = expected
        }

        var testDescription: String { number }
    }

    private static let leave = frame(8, [0x03, 0xE8])

    static let lengths: [Case] = [0, 125, 126, 127, 128, 65535, 65536].flatMap { count in
        [
            Case(
                "1.1 text of \(count)", [frame(1, [UInt8](repeating: 0x2A, count: count)), leave],
                [.text(String(repeating: "*", count: count)), .close(1000)]),
            Case(
                "1.2 binary of \(count)", [frame(2, [UInt8](repeating: 0xFE, count: count)), leave],
                [.binary(count), .close(1000)]),
        ]
    }

    static let pings: [Case] = [
        Case("2.1 ping without payload", [frame(9, ""), leave], [.pong(""), .close(1000)]),
        Case("2.2 ping with text", [frame(9, "Hello"), leave], [.pong("Hello"), .close(1000)]),
        Case(
            "2.4 ping of 125 bytes", [frame(9, String(repeating: "a", count: 125)), leave],
            [.pong(String(repeating: "a", count: 125)), .close(1000)]),
        Case("2.5 ping of 126 bytes", [frame(9, [UInt8](repeating: 0x61, count: 126))], [.close(1002)]),
        Case("2.7 pong nobody asked for", [frame(10, ""), leave], [.close(1000)]),
        Case("2.9 pong, then ping", [frame(10, "x"), frame(9, "y"), leave], [.pong("y"), .close(1000)]),
        Case(
            "2.10 ten pings", (0..<10).map { frame(9, "\($0)") } + [leave],
            (0..<10).map { .pong("\($0)") } + [.close(1000)]),
    ]

    static let reserved: [Case] =
        (1...7).map { bits in
            Case("3.\(bits) reserved bits", [frame(1, "a", reserved: UInt8(bits)), leave], [.close(1002)])
        } + [
            Case(
                "3.4 after a message", [frame(1, "a"), frame(1, "b", reserved: 4), frame(9, "")],
                [.text("a"), .close(1002)]),
            Case("3.7 in a ping", [frame(9, "", reserved: 1)], [.close(1002)]),
        ]

    static let opcodes: [Case] = ([3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8]).map { opcode in
        Case(
            "4 opcode \(opcode)", [frame(1, "a"), frame(opcode, "b"), frame(9, "")],
            [.text("a"), .close(1002)])
    }

    static let fragments: [Case] = [
        Case("5.1 ping in fragments", [frame(9, "a", final: false), frame(0, "b")], [.close(1002)]),
        Case("5.2 pong in fragments", [frame(10, "a", final: false), frame(0, "b")], [.close(1002)]),
        Case(
            "5.3 text in two", [frame(1, "ab", final: false), frame(0, "cd"), leave],
            [.text("abcd"), .close(1000)]),
        Case(
            "5.6 ping within", [frame(1, "ab", final: false), frame(9, "p"), frame(0, "cd"), leave],
            [.pong("p"), .text("abcd"), .close(1000)]),
        Case("5.9 continuation of nothing", [frame(0, "a"), frame(1, "b")], [.close(1002)]),
        Case(
            "5.12 open continuation of nothing", [frame(0, "a", final: false), frame(1, "b")], [.close(1002)]),
        Case(
            "5.15 a continuation after the end",
            [frame(1, "a", final: false), frame(0, "b"), frame(0, "c", final: false), frame(1, "d")],
            [.text("ab"), .close(1002)]),
        Case(
            "5.16 continuations first, twice",
            [frame(0, "a", final: false), frame(1, "b", final: false), frame(0, "c")], [.close(1002)]),
        Case("5.18 a text within a text", [frame(1, "a", final: false), frame(1, "b")], [.close(1002)]),
        Case(
            "5.19 five fragments with pings",
            [
                frame(1, "1", final: false), frame(0, "2", final: false), frame(9, "a"),
                frame(0, "3", final: false),
                frame(0, "4", final: false), frame(9, "b"), frame(0, "5"), leave,
            ], [.pong("a"), .pong("b"), .text("12345"), .close(1000)]),
        Case("10.1 many fragments", Self.cut(65536, 1300) + [leave], [.binary(65536), .close(1000)]),
        Case("6.1 empty fragments", Self.cut(0, 1, opcode: 1) + [leave], [.text(""), .close(1000)]),
    ]

    /// A message of `count` bytes in frames of `size`, with an empty one before its last.
    private static func cut(_ count: Int, _ size: Int, opcode: UInt8 = 2) -> [[UInt8]] {
        var frames = [frame(opcode, [], final: false)]
        for start in stride(from: 0, to: count, by: size) {
            frames.append(frame(0, [UInt8](repeating: 1, count: min(size, count - start)), final: false))
        }
        return frames + [frame(0, [], final: false), frame(0, [])]
    }

    static let texts: [Case] =
        [
            ("κόσμε", "6.5"), ("Hello-µ@ßöäüàá-UTF-8!!", "6.2"), ("\u{0}", "6.7"),
            ("\u{7F}\u{80}\u{7FF}", "6.7"),
            ("\u{D7FF}\u{E000}\u{FFFD}\u{FFFF}", "6.22"), ("\u{10000}\u{10FFFF}", "6.9"),
        ].map { text, number in
            Case("\(number) '\(text)'", [frame(1, text), leave], [.text(text), .close(1000)])
        }
        + [
            Case(
                "6.2 cut within a character",
                [frame(1, [0x61, 0xC3], final: false), frame(0, [0xA4]), leave], [.text("aä"), .close(1000)]),
            Case("6.3 surrogate", [frame(1, [0xCE, 0xBA, 0xED, 0xA0, 0x80, 0x65])], [.close(1007)]),
            Case(
                "6.4 refused before the end of the message", [frame(1, [0xF4, 0x90], final: false)],
                [.close(1007)]),
            Case("6.6 ends within a character", [frame(1, [0xCE])], [.close(1007)]),
            Case(
                "6.6 a fragment ends within, the message too",
                [frame(1, [0xCE], final: false), frame(0, [])],
                [.close(1007)]),
        ]
        + ([
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], [0x80], [0xBF],
            [0xC0, 0x80],
            [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80],
            [0xED, 0xAD, 0xBF],
            [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80], [0xFE], [0xFF], [0xC3, 0x28],
        ] as [[UInt8]]).map { Case("6.8 to 6.21 \($0)", [frame(1, $0)], [.close(1007)]) }

    static let closes: [Case] =
        [
            Case("7.1.1 after a message", [frame(1, "a"), leave], [.text("a"), .close(1000)]),
            Case("7.1.2 twice", [leave, leave], [.close(1000)]),
            Case("7.1.3 a ping after", [leave, frame(9, "")], [.close(1000)]),
            Case("7.1.4 a message after", [leave, frame(1, "a")], [.close(1000)]),
            Case(
                "7.1.5 within a message", [frame(1, "a", final: false), leave, frame(0, "b")], [.close(1000)]),
            Case("7.3.1 without payload", [frame(8, "")], [.close(nil)]),
            Case("7.3.2 of one byte", [frame(8, [3])], [.close(1002)]),
            Case("7.3.4 with a reason", [frame(8, [0x03, 0xE8] + Array("bye".utf8))], [.close(1000)]),
            Case(
                "7.3.5 of 125 bytes", [frame(8, [0x03, 0xE8] + [UInt8](repeating: 0x2A, count: 123))],
                [.close(1000)]),
            Case(
                "7.3.6 of 126 bytes", [frame(8, [0x03, 0xE8] + [UInt8](repeating: 0x2A, count: 124))],
                [.close(1002)]),
            Case(
                "7.5.1 a reason that is no UTF-8", [frame(8, [0x03, 0xE8, 0xCE, 0xBA, 0xED, 0xA0])],
                [.close(1007)]),
        ]
        + ([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as [UInt16]).map {
            code in
            Case("7.7 code \(code)", [frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)])], [.close(code)])
        }
        + ([0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535] as [UInt16]).map { code in
            Case("7.9 code \(code)", [frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)])], [.close(1002)])
        }

    static let strictness: [Case] = [
        Case(
            "a frame of a client without a mask", [frame(1, Array("a".utf8), masked: false)], [.close(1002)]),
        Case("a length in more bytes than it needs", [[0x82, 0xFE, 0x00, 0x7D]], [.close(1002)]),
        Case(
            "a length of eight bytes for two", [[0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]], [.close(1002)]),
        Case(
            "a length with its highest bit", [[0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]],
            [.close(1002)]),
        Case("9 over the limit", [[0x82, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4]], [.close(1009)]),
        Case(
            "9 over the limit in fragments",
            [frame(2, [UInt8](repeating: 0, count: 1 << 20), final: false), frame(0, [1])], [.close(1009)]),
    ]

    static let all = lengths + pings + reserved + opcodes + fragments + texts + closes + strictness

    @Test(arguments: all)
    func `a server answers as the suite expects, however the bytes are cut`(_ example: Case) {
        let bytes = Array(example.frames.joined())
        for size in [bytes.count, 1, 7, 997] where bytes.count < 5000 || size > 500 {
            var bench = EchoBench()
            for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
                bench.feed(Array(bytes[start..<min(bytes.count, start + size)]))
            }
            #expect(bench.sent == example.expected, "in pieces of \(size)")
            #expect(bench.ending != nil)
        }
    }

    @Test func `a server's frame with a mask is refused by a client`() {
        var decoder = WebSocketDecoder(peer: .server)
        decoder.feed(frame(1, "a"))
        #expect(throws: WebSocketViolation.self) { try decoder.next() }
    }
}

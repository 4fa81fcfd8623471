import Documents
import Testing
import YAML

@Suite struct YAMLWriterTests {
    @Test func `values are written in blocks, quoted where they must be`() {
        let value: JSONValue = [
            "http": ["address": "127.0.0.1", "port": 7070, "tls": .null],
            "list": ["a", ["b": true, "c": ["d": 1.5]], ["x", ["z"]], [], [:]],
            "odd": ["yes": "no", "1": "2", "a b": "c: d", "": "#"],
        ]
        #expect(
            YAMLWriter.text(of: value) == """
                http:
                  address: "127.0.0.1"
                  port: 7070
                  tls: null
                list:
                  - a
                  - b: true
                    c:
                      d: 1.5
                  - - x
                    - - z
                  - []
                  - {}
                odd:
                  "yes": "no"
                  "1": "2"
                  "a b": "c: d"
                  "": "#"

                """)
    }

    @Test func `long keys are read back too`() throws {
        let key = String(repeating: "ä", count: 5000)
        let value: JSONValue = [["a": .object(JSONObject([.init(key: key, value: ["b": 1])])), "c": 2]]
        #expect(try YAMLReader().read(Array(YAMLWriter.text(of: value).utf8)).value == value)
        #expect(try YAMLReader().read(Array("k: \(YAMLWriter.inline(value))".utf8)).value == ["k": value])
    }

    @Test(arguments: 1...200)
    func `what is written is read back the same`(seed: UInt64) throws {
        var maker = ValueMaker(seed: seed)
        let value = maker.value(depth: 4)
        let text = YAMLWriter.text(of: value)
        #expect(try YAMLReader().read(Array(text.utf8)).value == value, "\(text)")
        let inline = YAMLWriter.inline(value)
        #expect(try YAMLReader().read(Array("k: \(inline)\n".utf8)).value == ["k": value], "\(inline)")
    }
}

/// Values of every kind, the awkward ones more often, from a seed.
struct ValueMaker {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    /// Sebastiano Vigna's splitmix64.
    private mutating func next(_ bound: UInt64) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % bound)
    }

    private static let texts = [
        "", "a", "yes", "null", "~", "-", "- a", "a: b", "#x", "a #b", "[", "{}", "&a", "*a", "!t", "%x",
        "@x", "`x", "|",
        ">", "'", "\"", "\\", "\n", "a\nb\n", "\t", "\u{0}", "\u{1b}", "\u{7f}", "\u{85}", "\u{2028}",
        "\u{FEFF}", "ä", "竹",
        "😀", "1", "1.5", ".5", "0x1", "1e3", ".inf", "true", "12:30", " a", "a ", "---", "...", "?", "? a",
        ":", ":a", "a:", ",", "<<", "=",
        "/var/lib", "\u{FFFE}", "\u{10FFFF}", "127.0.0.1",
    ]

    mutating func value(depth: Int) -> JSONValue {
        switch next(depth > 0 ? 10 : 6) {
        case 0: return .null
        case 1: return .bool(next(2) == 0)
        case 2: return .integer([0, -1, 7070, .max, .min][next(5)])
        case 3: return .number([0.5, -1e300, 1e-7, 123456.789][next(4)])
        case 4, 5: return .string(Self.texts[next(UInt64(Self.texts.count))])
        case 6, 7: return .array((0..<next(4)).map { _ in value(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<next(4) {
                object[Self.texts[next(UInt64(Self.texts.count))]] = value(depth: depth - 1)
            }
            return .object(object)
        }
    }
}

import Documents
import Testing

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader().read(Array(text.utf8)) }

    @Test func `every kind of value is read, and keys keep their order`() throws {
        let value = try read(
            #"{"z":1,"a":[true,false,null],"m":{"é\n":"\u00e9\ud83d\ude00"},"f":-1.5e2,"big":9223372036854775807}"#
        )
        #expect(value.object?.keys == ["z", "a", "m", "f", "big"])
        #expect(value["z"] == 1)
        #expect(value["a"] == [true, false, nil])
        #expect(value["m"]?["é\n"] == "é😀")
        #expect(value["f"] == .number(-150))
        #expect(value["big"] == .integer(.max))
    }

    @Test func `a whole number beyond 64 bits is a number, not an integer`() throws {
        #expect(try read("9223372036854775808") == .number(9223372036854775808))
        #expect(try read("9223372036854775808").integer == nil)
        #expect(try read("3.0").integer == 3)
        #expect(try read("-0") == .integer(0))
    }

    @Test func `a text may begin with a byte order mark`() throws {
        #expect(try JSONReader().read([0xEF, 0xBB, 0xBF] + Array("[1]".utf8)) == [1])
    }

    @Test(arguments: [
        "", " \n", "{", "}", "[", "]", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{1:2}",
        "nul", "tru", "truefalse", "01", "1.", ".5", "+1", "-", "1e", "1e400", "NaN", "Infinity", "'a'",
        "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "[1] 2", "{\"a\":1}}", "// c\n1", "/* */ 1",
        "[1 2]", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "\"a\nb\"", "\u{0}", "[\"a\",\"\\", ",", ",{", "]{\"a\":1",
        "{\"\\u00\":1}", "{\"\\ud800\":1}", "{{}:1}", "{[]:1}", "[}", "{]",
    ])
    func `malformed JSON is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x22, 0xE2, 0x82, 0x22],
        [0xFE, 0xFF, 0x00, 0x31], [0x31, 0x00], [0x7B, 0x00, 0x7D, 0x00],
    ])
    func `bytes that are not UTF-8 are refused`(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONReader().read(bytes) }
    }

    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"b":{},"a":2}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"k":1,"k":1}}]"#,
        #"{"é":1,"e\u0301":2}"#,
    ])
    func `repeated keys are refused`(_ text: String) throws {
        let error = try #require(throws: JSONError.self) { try read(text) }
        #expect(error.problem.contains("twice"))
        #expect(error.location?.line == 1)
    }

    @Test func `the same key in different objects is no repetition`() throws {
        #expect(try read(#"[{"a":1},{"a":{"a":2}}]"#)[1]?["a"]?["a"] == 2)
    }

    @Test func `depth is bounded before anything recurses`() throws {
        let nested = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try read(nested).array?.count == 1)
        for opener in ["[", "{\"a\":"] {
            let bomb = String(repeating: opener, count: 100_000)
            let error = try #require(throws: JSONError.self) { try read(bomb) }
            #expect(error.problem.contains("64 deep"))
        }
    }

    @Test func `size is bounded`() throws {
        let error = try #require(throws: JSONError.self) {
            try JSONReader(maximumSize: 10).read(Array("[1,2,3,4,5]".utf8))
        }
        #expect(error.problem == "11 bytes of JSON are more than the 10 allowed")
    }

    @Test(arguments: [
        ("{\n  \"a\": ?\n}", "expected a value, found '?' (line 2, column 8)"),
        ("{\n  \"a\": 1,\n  \"a\": 2}", "the key 'a' is there twice (line 3, column 3)"),
        ("[1,\n]", "expected a value, found ']' (line 2, column 1)"),
        ("{\"a\": tru}", "only true, false and null are words (line 1, column 7)"),
        ("{\"a\": [1, 02]}", "the number is malformed or too large (line 1, column 11)"),
        ("[\"a\", \"\\x\"]", "the string has a wrong escape (line 1, column 7)"),
        ("{\"a\": \"b}", "the string does not end (line 1, column 7)"),
        ("{\"a\": 1", "the text ends too early (line 1, column 8)"),
        ("{} {}", "expected the end, found '{' (line 1, column 4)"),
        ("{\"a\": 1 \"b\": 2}", "expected ',' or '}', found '\"' (line 1, column 9)"),
        ("{a: 1}", "expected a key in double quotes or '}', found 'a' (line 1, column 2)"),
        ("[é]", "expected a value or ']', found 'é' (line 1, column 2)"),
    ])
    func `an error says what and where`(_ text: String, _ expected: String) throws {
        let error = try #require(throws: JSONError.self) { try read(text) }
        #expect("\(error)" == expected)
    }

    @Test func `an object of very many keys is read in good time`() throws {
        let members = (0..<20000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try read("{\(members)}").object?.count == 20000)
    }
}

import Documents
import Testing
import YAML

@Suite struct YAMLReaderTests {
    private func read(_ text: String) throws -> JSONValue { try YAMLReader().read(Array(text.utf8)).value }

    private func fault(_ text: String) -> String? { fault(Array(text.utf8)) }

    private func fault(_ bytes: [UInt8], _ reader: YAMLReader = YAMLReader()) -> String? {
        do {
            _ = try reader.read(bytes, file: "f.yaml")
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `maps, lists and scalars become the values of JSON`() throws {
        let value = try read(
            """
            # a comment
            http:
              address: 127.0.0.1
              port: 7070
              names: [a, "b c", 'it''s']
            list:
              - one
              - two: 2
                three: 3.5
              -
                - nested
            text: |
              line 1
              line 2
            folded: >-
              one
              line
            empty: {}
            none: []
            """)
        #expect(
            value == [
                "http": ["address": "127.0.0.1", "port": 7070, "names": ["a", "b c", "it's"]],
                "list": ["one", ["two": 2, "three": 3.5], ["nested"]], "text": "line 1\nline 2\n",
                "folded": "one line", "empty": [:], "none": [],
            ])
    }

    @Test(arguments: [
        ("~", JSONValue.null), ("null", .null), ("Null", .null), ("", .null), ("true", .bool(true)),
        ("False", .bool(false)), ("yes", .string("yes")), ("off", .string("off")), ("0", .integer(0)),
        ("-17", .integer(-17)), ("+17", .integer(17)), ("0o17", .integer(15)), ("0x1F", .integer(31)),
        ("017", .integer(17)), ("1_000", .string("1_000")), ("1.5", .number(1.5)), (".5", .number(0.5)),
        ("-.5e1", .number(-5)), ("1.", .number(1)), ("1e3", .number(1000)), ("1e", .string("1e")),
        ("e3", .string("e3")), (".", .string(".")), ("-", .string("-")), ("--1", .string("--1")),
        ("1.2.3", .string("1.2.3")), ("0x", .string("0x")), ("-0x1", .string("-0x1")),
        ("12:30", .string("12:30")),
        ("512Mi", .string("512Mi")), ("\"1\"", .string("1")), ("'true'", .string("true")),
        ("\"\"", .string("")),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("0x1p3", .string("0x1p3")), ("inf", .string("inf")), ("nan", .string("nan")),
    ])
    func `scalars have the types of the core schema`(text: String, value: JSONValue) throws {
        // '-' alone begins a list; behind a key it is a text.
        guard text != "-" else { return }
        #expect(try read("k: \(text)\n") == ["k": value])
    }

    @Test func `an empty text is null`() throws {
        #expect(try read("") == .null)
        #expect(try read("# only a comment\n") == .null)
        #expect(try read("---\n...\n") == .null)
        #expect(try read("\u{FEFF}a: 1") == ["a": 1])
        #expect(try read("%YAML 1.1\n---\na: 1\n") == ["a": 1])
        #expect(try read("a: 1\r\nb: 2\r\n") == ["a": 1, "b": 2])
    }

    @Test func `every key and value has its line and column`() throws {
        let document = try YAMLReader().read(
            Array("ä: {x: 1}\nlist:\n  - a\n  - key: väl\n".utf8), file: "f.yaml")
        let list = DocumentPath.root.appending("list")
        #expect(document.keyLocations[.root.appending("ä")] == SourceLocation(line: 1, column: 1))
        #expect(document.valueLocations[.root.appending("ä")] == SourceLocation(line: 1, column: 4))
        #expect(
            document.keyLocations[.root.appending("ä").appending("x")] == SourceLocation(line: 1, column: 5))
        #expect(document.keyLocations[list] == SourceLocation(line: 2, column: 1))
        #expect(document.valueLocations[list.appending(0)] == SourceLocation(line: 3, column: 5))
        #expect(
            document.keyLocations[list.appending(1).appending("key")] == SourceLocation(line: 4, column: 5))
        #expect(
            document.valueLocations[list.appending(1).appending("key")] == SourceLocation(line: 4, column: 10)
        )
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key 'a' stands twice, first on line 1, column 1"),
        ("x:\n  a: 1\n  'a': 2\n", "f.yaml:3:3: the key 'a' stands twice, first on line 2, column 3"),
        ("a: *b\n", "f.yaml:1:4: the alias '*b' is not accepted; "),
        ("a: &b 1\n", "f.yaml:1:4: the anchor '&b' is not accepted; "),
        ("&b a: 1\n", "f.yaml:1:1: the anchor '&b' is not accepted; "),
        ("a: !!binary x\n", "f.yaml:1:4: the tag 'tag:yaml.org,2002:binary' is not accepted; "),
        ("a: !x [1]\n", "f.yaml:1:4: the tag '!x' is not accepted; "),
        ("a: ! 1\n", "f.yaml:1:4: the tag '!' is not accepted; "),
        ("%TAG ! tag:x,2000:\n---\na: !b 1\n", "f.yaml:3:4: the tag 'tag:x,2000:b' is not accepted; "),
        ("[a]: 1\n", "f.yaml:1:1: a list or map stands as a key; only texts can"),
        ("? {a: 1}\n: 1\n", "f.yaml:1:3: a list or map stands as a key; only texts can"),
        ("?\n: 1\n", "f.yaml:1:2: a key is missing before the ':'"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins, where one is read"),
        (
            "a: 99999999999999999999\n",
            "f.yaml:1:4: the number 99999999999999999999 is too large; put quotes around it if it is a text"
        ),
        ("a: 1e999\n", "f.yaml:1:4: the number 1e999 is too large; "),
        ("a: .inf\n", "f.yaml:1:4: .inf is no number that is accepted; "),
        ("a: -.INF\n", "f.yaml:1:4: -.INF is no number that is accepted; "),
        ("a: .nan\n", "f.yaml:1:4: .nan is no number that is accepted; "),
        ("a: b: c\n", "f.yaml:1:5: a ':' begins a value where none can stand (check the indentation, "),
        ("a:\n\tb: 1\n", "f.yaml:2:1: a character that cannot begin a value (indent with spaces, not tabs, "),
        ("a: 1\nb: x\n\tc\n", "f.yaml:3:1: a tab stands where only spaces can indent"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2:2: "),
        (
            "a: \"open\n",
            "f.yaml:2:1: found unexpected end of stream, while scanning a quoted scalar that begins on line 1"
        ),
        ("a: {b\n", "f.yaml:2:1: "),
        ("a: 1\n b: 2\n", "f.yaml:2:3: "),
        ("a: @x\n", "f.yaml:1:4: a character that cannot begin a value "),
        (
            "a: \u{1}\n",
            "f.yaml:1:4: control characters are not allowed: the file must be plain text in UTF-8"
        ),
        ("%FOO\n", "f.yaml:"),
        ("%YAML 3.0\n---\na: 1\n", "f.yaml:1:1: found incompatible YAML document"),
    ])
    func `what is wrong is named with its place`(text: String, message: String) throws {
        let found = try #require(fault(text))
        #expect(found.hasPrefix(message), "\(found)")
    }

    @Test func `bytes that are no UTF-8 are refused with their place`() throws {
        let found = try #require(fault(Array("a: 1\nb: ä".utf8) + [0xFF, 0x0A]))
        #expect(found == "f.yaml:2:5: invalid leading UTF-8 octet: the file must be plain text in UTF-8")
        #expect(fault([0xC3]) != nil)
        #expect(fault([0xED, 0xA0, 0x80]) != nil)
        #expect(fault([0xFF, 0xFE, 0x61, 0x00]) != nil)
        #expect(fault([0x61, 0x00, 0x62]) != nil)
    }

    @Test func `a text may hold what its escapes say`() throws {
        #expect(try read(#"a: "x\0\e\u263a\n""#) == ["a": "x\0\u{1b}\u{263a}\n"])
    }

    @Test func `size, depth and number are bounded`() throws {
        let reader = YAMLReader(maximumSize: 10)
        #expect(fault(Array("a: 1234567".utf8), reader) == nil)
        #expect(
            fault(Array("a: 12345678".utf8), reader)
                == "f.yaml: it has 11 bytes, more than the 10 that are read")
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(fault(nested(64)) == nil)
        #expect(fault(nested(65)) == "f.yaml:1:65: lists and maps are nested more than 64 deep")
        let many = YAMLReader(maximumNodes: 4)
        #expect(fault(Array("[1, 2, 3]".utf8), many) == nil)
        #expect(fault(Array("[1, 2, 3, 4]".utf8), many) == "f.yaml:1:11: it has more than 4 keys and values")
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "[", "{", "- ", "? ", "a: ", "\"", "|", "#", "!", "&a ", "*", "[a,", "{a: ", "\n", "a\n", "-\n ",
            "'",
        ])
    func `a megabyte of the same is read or refused in good time`(piece: String) {
        let count = (1 << 20) / piece.utf8.count
        _ = fault(Array(String(repeating: piece, count: count).utf8))
    }

    @Test func `a text that laughs is refused`() throws {
        var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (from, to) in zip("abcdefgh", "bcdefghi") {
            text += "\(to): &\(to) [" + Array(repeating: "*\(from)", count: 9).joined(separator: ", ") + "]\n"
        }
        #expect(fault(text)?.contains("the anchor '&a' is not accepted") == true)
    }
}

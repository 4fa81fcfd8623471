import Core
import Terminal
import Testing

@Suite struct TableTests {
    struct Row: Encodable {
        var name: String
        var size: Int?
        var note: String
    }

    static let table = Table<Row>([
        Column("NAME") { $0.name }, Column("SIZE", .right) { $0.size.map { "\($0)" } },
        Column("NOTE", style: { $0.note == "bad" ? .red : nil }) { $0.note },
    ])
    static let rows = [
        Row(name: "a", size: 7, note: "fine"), Row(name: "longer-name", size: 12345, note: "bad"),
        Row(name: "c", size: nil, note: "a much longer note that does not fit on a narrow screen"),
    ]

    @Test func `columns stand under each other, numbers to the right`() {
        #expect(
            Self.table.text(of: Self.rows, width: nil, usesColor: false) == """
                NAME          SIZE  NOTE
                a                7  fine
                longer-name  12345  bad
                c                -  a much longer note that does not fit on a narrow screen

                """)
    }

    @Test func `on a terminal the widest column is cut, and nothing else`() {
        #expect(
            Self.table.text(of: Self.rows, width: 40, usesColor: false) == """
                NAME          SIZE  NOTE
                a                7  fine
                longer-name  12345  bad
                c                -  a much longer note …

                """)
    }

    @Test(arguments: 1...60)
    func `no line is wider than the terminal`(width: Int) {
        for line in Self.table.text(of: Self.rows, width: width, usesColor: false).split(separator: "\n") {
            #expect(String(line).displayWidth <= width)
        }
    }

    @Test func `no rows leave the titles`() {
        #expect(Self.table.text(of: [], width: 80, usesColor: false) == "NAME  SIZE  NOTE\n")
    }

    @Test func `wide characters take two columns, and marks none`() {
        #expect("abc".displayWidth == 3)
        #expect("竹林".displayWidth == 4)
        #expect("e\u{301}".displayWidth == 1)
        #expect("👩‍👩‍👧".displayWidth == 2)
        #expect("❤️".displayWidth == 2)
        #expect("한글".displayWidth == 4)
        #expect("ｆｕｌｌ".displayWidth == 8)
        #expect("竹林".truncated(to: 3) == "竹…")
        #expect("竹林".truncated(to: 4) == "竹林")
        #expect("竹林x".truncated(to: 4) == "竹…")
        #expect("abc".truncated(to: 1) == "…")
        #expect("abc".truncated(to: 0) == "")
        let rows = [Row(name: "竹林", size: 1, note: "x"), Row(name: "abcd", size: 2, note: "y")]
        #expect(
            Self.table.text(of: rows, width: 80, usesColor: false) == """
                NAME  SIZE  NOTE
                竹林     1  x
                abcd     2  y

                """)
    }

    @Test func `nothing that acts on a terminal comes out of a cell`() {
        let evil = "\u{1b}]0;title\u{07}\u{9b}31m\r\n\t\u{202E}\u{2028}\u{7f}end"
        let text = Self.table.text(
            of: [Row(name: evil, size: 1, note: "x")], width: nil, usesColor: true)
        let line = text.split(separator: "\n")[1]
        #expect(
            line.hasPrefix(
                "\\u{1b}]0;title\\u{7}\\u{9b}31m\\r\\n\\t\\u{202e}\\u{2028}\\u{7f}end"))
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    @Test func `styles do not move columns`() {
        let plain = Self.table.text(of: Self.rows, width: nil, usesColor: false)
        let styled = Self.table.text(of: Self.rows, width: nil, usesColor: true)
        #expect(styled.contains("\u{1b}[31mbad\u{1b}[0m"))
        var stripped = styled
        for mark in ["\u{1b}[31m", "\u{1b}[1m", "\u{1b}[0m"] {
            stripped = stripped.split(separator: mark, omittingEmptySubsequences: false).joined()
        }
        #expect(stripped == plain)
    }

    @Test func `a huge cell is cut in good time`() {
        let rows = [Row(name: String(repeating: "x", count: 1 << 20), size: 1, note: "n")]
        let text = Self.table.text(of: rows, width: 80, usesColor: false)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `json is the same every time and harmless on a terminal`() throws {
        let recorder = Recorder()
        try recorder.output.write(
            [Row(name: "a/b\u{1b}\u{9b}\u{202E}", size: 1, note: "é")], as: .json, Self.table)
        #expect(
            recorder.written == """
                [
                  {
                    "name" : "a/b\\u001b\\u009b\\u202e",
                    "note" : "é",
                    "size" : 1
                  }
                ]

                """)
    }

    @Test func `fields of one thing stand below each other`() throws {
        let recorder = Recorder()
        try recorder.output.write(
            Row(name: "n", size: nil, note: ""), as: .table,
            fields: [("name", "n"), ("state", "running\u{1b}[2J"), ("left out", nil)])
        #expect(recorder.written == "name:   n\nstate:  running\\u{1b}[2J\n")
    }
}

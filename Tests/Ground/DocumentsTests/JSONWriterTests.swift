import Documents
import Testing

@Suite struct JSONWriterTests {
    @Test func `commas stand between members and elements only`() {
        var json = JSONWriter()
        json.beginObject()
        json.field("id", "a")
        json.field("count", 3)
        json.key("list")
        json.beginArray()
        json.integer(-1)
        json.beginObject()
        json.endObject()
        json.null()
        json.endArray()
        json.field("ratio", 0.5)
        json.field("ok", true)
        json.endObject()
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"id":"a","count":3,"list":[-1,{},null],"ratio":0.5,"ok":true}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("plain é😀/", #""plain é😀/""#), ("a\"b\\c", #""a\"b\\c""#),
        ("\n\r\t\u{8}\u{0}\u{1f}", #""\n\r\t\u0008\u0000\u001f""#), ("\u{7f}\u{2028}", "\"\u{7f}\u{2028}\""),
    ])
    func `strings are escaped as RFC 8259 requires`(_ text: String, _ expected: String) {
        #expect(JSONValue.string(text).description == expected)
    }

    @Test func `numbers have no form that JSON has not`() {
        #expect(JSONValue.integer(.min).description == "-9223372036854775808")
        #expect(JSONValue.number(.infinity).description == "null")
        #expect(JSONValue.number(.nan).description == "null")
        #expect(JSONValue.number(1e300).description == "1e+300")
        var json = JSONWriter()
        json.integer(UInt64.max)
        #expect(String(decoding: json.bytes, as: UTF8.self) == "18446744073709551615")
    }

    @Test func `what is written is read back the same`() throws {
        let value: JSONValue = [
            "z": [1, -2.25, "x\u{1}\u{10FFFF}\"", nil, true], "a": [:], "": [["deep": ["er": []]]],
        ]
        #expect(try JSONReader().read(JSONWriter.bytes(of: value)) == value)
    }
}

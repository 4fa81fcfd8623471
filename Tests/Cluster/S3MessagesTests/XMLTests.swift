import S3Messages
import Testing

@Suite struct XMLTests {
    private func read(_ text: String) throws(XMLError) -> XMLNode { try XMLReader.read(Array(text.utf8)) }

    @Test("A request to remove objects is read, with a namespace and without, blanks and comments in it")
    func delete() throws {
        let request = try DeleteRequest(
            Array(
                """
                <?xml version="1.0"?>
                <!-- from a client -->
                <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                  <Object><Key>a&amp;b/&#x20AC; &lt;c&gt;</Key></Object>
                  <Object ><Key><![CDATA[<x>]]></Key><VersionId>null</VersionId></Object>
                  <Quiet>true</Quiet>
                </Delete>
                """.utf8))
        #expect(request.items.map(\.key) == ["a&b/€ <c>", "<x>"])
        #expect(request.items[1].version == "null")
        #expect(request.isQuiet)
    }

    @Test(
        "What is no document, or has what no request has, is refused",
        arguments: [
            "", " ", "x", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b=c/>", "<a>&b;</a>", "<a>&#0;</a>",
            "<a>&#xD800;</a>", "<a>&amp</a>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
            "<a><!DOCTYPE b></a>", "<a><?x?></a>", "<a b=\"<\"/>", "<a", "<a b=\"", "</a>", "<a><!-- </a>",
            "<a><![CDATA[</a>",
        ])
    func refused(text: String) {
        #expect(throws: XMLError.self) { try read(text) }
    }

    @Test("Nesting and the number of elements are bounded")
    func bounded() throws {
        let deep = { (n: Int) in
            String(repeating: "<a>", count: n) + String(repeating: "</a>", count: n)
        }
        _ = try read(deep(XMLReader.maximumDepth))
        #expect(throws: XMLError.self) { try read(deep(XMLReader.maximumDepth + 1)) }
        let many = "<a>" + String(repeating: "<b/>", count: XMLReader.maximumNodes) + "</a>"
        #expect(throws: XMLError.self) { try read(many) }
    }

    @Test("What is written is read again as the same")
    func roundTrip() throws {
        let text = "a<b>&\"'\u{1}\n\t€ü"
        var writer = XMLWriter()
        writer.element("Outer", namespace: XMLWriter.namespace) { writer in
            writer.element("Key", text)
            writer.element("Size", 12)
        }
        let node = try XMLReader.read(writer.bytes)
        #expect(node.name == "Outer" && node["Key"]?.text == text && node["Size"]?.text == "12")
    }

    @Test("A request with no key, too many or none at all is malformed")
    func malformedDelete() {
        let many = String(repeating: "<Object><Key>k</Key></Object>", count: DeleteRequest.maximumKeys + 1)
        for text in ["<Delete/>", "<Delete><Object/></Delete>", "<Other/>", "<Delete>\(many)</Delete>"] {
            #expect(throws: S3Error.self) { try DeleteRequest(Array(text.utf8)) }
        }
    }
}

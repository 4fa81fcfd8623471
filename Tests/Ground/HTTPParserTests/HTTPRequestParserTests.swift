import HTTPModel
import HTTPParser
import Testing

struct HTTPRequestParserTests {
    @Test func `a plain request is read into its parts`() throws {
        let reading = Reading(
            "GET /a/b?c=%20d HTTP/1.1\r\nHost: example.org:80\r\nAccept:text/plain \r\nX-Empty:\r\nX-Tab:\t a b\t\r\n\r\n"
        )
        let head = try #require(reading.heads.first)
        #expect(reading.error == nil)
        #expect(head.method == .get)
        #expect(head.target == "/a/b?c=%20d")
        #expect(
            head.fields.lines.map { "\($0.name)=\($0.value)" } == [
                "Host=example.org:80", "Accept=text/plain", "X-Empty=", "X-Tab=a b",
            ])
        #expect(head.body == .none)
        #expect(head.isKeptAlive)
        #expect(!head.expectsContinue)
    }

    @Test func `pipelined requests come one after the other`() {
        let reading = Reading(
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                + "\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nde\r\nA;name=\"v;x\"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
                + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\nGET /4")
        #expect(reading.error == nil)
        #expect(
            reading.events == [
                "POST /1 fixed(3)", "body abc", "end", "PUT /2 chunked", "body de0123456789", "end",
                "GET /3 none",
            ])
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: foo, Close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: keep-alive\r\n", true),
    ])
    func `the connection is kept as the version and the fields say`(
        version: String, fields: String, isKept: Bool
    ) throws {
        let head = try #require(Reading("GET / \(version)\r\nHost: a\r\n\(fields)\r\n").heads.first)
        #expect(head.isKeptAlive == isKept)
    }

    @Test func `an upgrade that nobody accepts is an ordinary request`() {
        let reading = Reading(
            "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.events == ["GET /1 none", "GET /2 none"])
        #expect(reading.error == nil)
    }

    @Test func `an absolute target gives its path, if Host agrees`() throws {
        let reading = Reading("GET http://a:1/x?y HTTP/1.1\r\nHost: A:1\r\n\r\n")
        #expect(reading.heads.first?.target == "/x?y")
        #expect(Reading("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").heads.first?.target == "/")
        #expect(Reading("GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n").heads.first?.target == "/?q")
        #expect(Reading("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").heads.first?.target == "*")
    }

    @Test func `100-continue is awaited only where a body follows`() throws {
        let with = Reading("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n")
        #expect(with.heads.first?.expectsContinue == true)
        let without = Reading("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
        #expect(without.heads.first?.expectsContinue == false)
    }

    @Test func `two empty lines before a request are forgiven`() {
        #expect(Reading("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").events == ["GET / none"])
    }

    @Test func `an error is thrown again by every later call`() {
        let parser = HTTPRequestParser()
        let bad = Array("BAD\n".utf8)
        #expect(throws: HTTPParseError.self) { try parser.next(bad.span.bytes) }
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(throws: HTTPParseError.self) { try parser.next(good.span.bytes) }
    }

    @Test func `limits hold to the byte`() {
        let limits = HTTPParserLimits(targetBytes: 10, fieldCount: 2, fieldBytes: 30, chunkLineBytes: 8)
        func status(_ text: String) -> Int? { Reading(text, limits: limits).error?.status.rawValue }
        #expect(status("GET /234567890 HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(status("GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n") == 414)
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n") == nil)
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\n\r\n") == 431)
        // 9 bytes of Host, 21 of the other: 30.
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: 3456789012345678\r\n\r\n") == nil)
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: 34567890123456789\r\n\r\n") == 431)
        // Refused as soon as it is known, however little of the rest has come.
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nA: 345678901234567890123") == 431)
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding:chunked"
        let wide = HTTPParserLimits(chunkLineBytes: 8)
        #expect(Reading(chunked + "\r\nHost: a\r\n\r\n1;345678\r\na\r\n", limits: wide).error == nil)
        #expect(
            Reading(chunked + "\r\nHost: a\r\n\r\n1;3456789\r\na\r\n", limits: wide).error?.status
                == .badRequest)
    }

    @Test func `a request without an end keeps only what the limits allow`() {
        for endless in ["GET /", "GET / HTTP/1.1\r\nA: ", "\(String(repeating: "A", count: 20))"] {
            let bytes = Array(endless.utf8) + [UInt8](repeating: 0x61, count: 100_000)
            let reading = Reading(bytes, pieces: [4096])
            #expect(reading.error != nil)
            #expect(!reading.events.contains { $0.hasPrefix("kept") })
        }
    }
}

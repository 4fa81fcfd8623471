import HTTPModel
import HTTPParser
import Testing

/// A request that must not pass, and the status that refuses it.
struct Refusal: Sendable, CustomTestStringConvertible {
    var name: String
    var request: String
    var status: Int

    init(_ name: String, _ request: String, _ status: Int = 400) {
        self.name = name
        self.request = request
        self.status = status
    }

    var testDescription: String { name }

    static func field(_ name: String, _ lines: String, _ status: Int = 400) -> Refusal {
        Refusal(name, "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", status)
    }

    static func chunks(_ name: String, _ body: String) -> Refusal {
        Refusal(name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
    }
}

private let refusals: [Refusal] = [
    // The request line.
    Refusal("no version", "GET /\r\nHost: a\r\n\r\n"),
    Refusal("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    Refusal("a bare CR after the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n"),
    Refusal("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    Refusal("a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("HTTP in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a version of letters", "GET / HTTP/x.1\r\nHost: a\r\n\r\n"),
    Refusal("a long version", "GET / HTTP/1.11\r\nHost: a\r\n\r\n"),
    Refusal("HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    Refusal("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Refusal("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    Refusal("HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
    Refusal("a separator in the method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a method nobody knows", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Refusal("a method of another protocol", "DESCRIBE / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Refusal("a method in small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Refusal("an endless method", String(repeating: "A", count: 100) + " / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    Refusal("a TLS greeting", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n"),
    Refusal("empty lines without end", "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("an empty line that ends in LF", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    // The target.
    Refusal("a target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a star for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a backslash", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a byte beyond ASCII", "GET /ä HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a control character in the target", "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a NUL in the target", "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("half an escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("an escape without digits", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a URL of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a URL without a host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a URL with a user", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a URL of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    Refusal("a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501),
    Refusal("a long target", "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    // The fields.
    Refusal("no Host", "GET / HTTP/1.1\r\n\r\n"),
    Refusal("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    Refusal("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"),
    Refusal("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    Refusal("a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    Refusal("a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    .field("obsolete folding", "A: b\r\n c"),
    .field("obsolete folding with a tab", "A: b\r\n\tc"),
    .field("a first line that starts with a space", "A: b\r\n : c"),
    .field("a space before the colon", "A : b"),
    .field("a space in a name", "A b: c"),
    .field("a tab before the colon", "Content-Length\t: 5"),
    .field("no colon", "A"),
    .field("no name", ": b"),
    .field("a bare LF between fields", "A: b\nC: d"),
    .field("a bare CR between fields", "A: b\rC: d"),
    .field("a bare CR in a value", "A: b\r c"),
    .field("a NUL in a value", "A: b\u{0}c"),
    .field("a control character in a value", "A: b\u{1F}c"),
    .field("DEL in a value", "A: b\u{7F}"),
    .field("a control character in a name", "A\u{1}: b"),
    .field("a byte beyond ASCII in a name", "Ä: b"),
    .field("an expectation nobody knows", "Expect: 200-ok\r\nContent-Length: 0", 417),
    .field("too many fields", (0..<120).map { "F\($0): x" }.joined(separator: "\r\n"), 431),
    .field("too many bytes of fields", "A: " + String(repeating: "x", count: 20000), 431),
    // The length of the body.
    .field("two lengths", "Content-Length: 5\r\nContent-Length: 6"),
    .field("the same length twice", "Content-Length: 5\r\nContent-Length: 5"),
    .field("a list of lengths", "Content-Length: 5, 5"),
    .field("an empty length", "Content-Length:"),
    .field("a negative length", "Content-Length: -1"),
    .field("a length with a plus", "Content-Length: +5"),
    .field("a length in hexadecimal", "Content-Length: 0x5"),
    .field("a length with a space in it", "Content-Length: 1 0"),
    .field("a length that overflows", "Content-Length: 18446744073709551621"),
    .field("a length of 19 digits", "Content-Length: 1000000000000000000"),
    .field("a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
    .field("chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 0"),
    .field("chunked twice", "Transfer-Encoding: chunked, chunked"),
    .field("chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    .field("an empty coding", "Transfer-Encoding:"),
    .field("a comma and no coding", "Transfer-Encoding: chunked,"),
    .field("a coding nobody knows", "Transfer-Encoding: gzip, chunked", 501),
    .field("chunked that is not last", "Transfer-Encoding: chunked, gzip", 501),
    .field("identity", "Transfer-Encoding: identity", 501),
    .field("nearly chunked", "Transfer-Encoding: xchunked", 501),
    .field("chunked with a vertical tab", "Transfer-Encoding: \u{B}chunked"),
    .field("a quoted coding", "Transfer-Encoding: \"chunked\"", 501),
    Refusal(
        "chunks in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    // The chunks.
    .chunks("no size", "\r\nabc"),
    .chunks("a size that is no number", "g\r\n"),
    .chunks("a negative size", "-1\r\n"),
    .chunks("a size with 0x", "0x5\r\nhello\r\n"),
    .chunks("a space before the size", " 5\r\nhello\r\n"),
    .chunks("a space behind the size", "5 \r\nhello\r\n"),
    .chunks("a size that overflows", "fffffffffffffffff\r\n"),
    .chunks("a size of 16 digits", "8000000000000000\r\n"),
    .chunks("a bare LF behind the size", "5\nhello\r\n"),
    .chunks("a bare CR behind the size", "5\rhello\r\n"),
    .chunks("data longer than its size", "3\r\nhello\r\n"),
    .chunks("data that ends in LF", "5\r\nhello\n0\r\n\r\n"),
    .chunks("data that ends in CR", "5\r\nhello\r0\r\n\r\n"),
    .chunks("data that ends in neither", "5\r\nhelloXX0\r\n\r\n"),
    .chunks("a bare LF in an extension", "5;a=b\nX\r\nhello\r\n"),
    .chunks("a control character in an extension", "5;a=\u{1}\r\nhello\r\n"),
    .chunks("a long extension", "5;\(String(repeating: "a", count: 300))\r\nhello\r\n"),
    .chunks("a bare LF behind the last chunk", "0\n\r\n"),
    .chunks("a bare LF in the trailers", "0\r\nA: b\n\r\n"),
    .chunks("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
    .chunks("a trailer without a colon", "0\r\nA\r\n\r\n"),
]

struct SmugglingTests {
    @Test(arguments: refusals)
    func `what two readers could understand in two ways is refused`(refusal: Refusal) throws {
        let bytes = Array(refusal.request.utf8)
        let whole = Reading(bytes, pieces: [bytes.count])
        let error = try #require(whole.error, "it passed: \(whole)")
        #expect(error.status.rawValue == refusal.status, "\(error)")
        #expect(!error.reason.isEmpty && !error.reason.contains("\n"))
        // And in the same way however it is cut.
        #expect(Reading(bytes, pieces: [1]) == whole)
        #expect(Reading(bytes, pieces: [2, 3, 5, 7]) == whole)
    }

    @Test func `nothing of a smuggled request gets through`() {
        // The classic: one reader takes the length, the other the chunks.
        let reading = Reading(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(reading.events.isEmpty)
    }

    @Test func `random pieces and random damage never change what is understood`() {
        let whole = Array(
            ("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: yz\r\n\r\n"
                + "5;e=1\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nT: u\r\n\r\n"
                + "PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\nhello, world"
                + "GET /3 HTTP/1.0\r\n\r\n").utf8)
        var random = SplitMix(state: 7)
        let odd: [UInt8] = [0, 9, 10, 13, 32, 44, 48, 58, 59, 127, 200]
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = odd.randomElement(using: &random)!
                case 1: bytes.remove(at: at)
                default: bytes.insert(odd.randomElement(using: &random)!, at: at)
                }
            }
            let sizes = (0..<5).map { _ in Int.random(in: 1...40, using: &random) }
            #expect(Reading(bytes, pieces: sizes) == Reading(bytes, pieces: [bytes.count]))
        }
    }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014); a seed, so that a failure comes again.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

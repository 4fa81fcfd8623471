import Core
import Documents
import HTTPModel
import HTTPRouting
import Synchronization
import Testing

@Suite struct InputTests {
    private let exchange: any Exchange = Shop().exchange
    private let admin: KeyValuePairs = ["Authorization": "admin"]

    private func errors(_ answer: Answer) throws -> [String] {
        try (answer.json()["errors"]?.array ?? []).map {
            "\($0["path"]?.string ?? ""): \($0["message"]?.string ?? "")"
        }
    }

    // MARK: Parameters

    @Test(arguments: [
        ("", "100 []  false -1.0"), ("?limit=5&verbose=true", "5 []  true -1.0"),
        ("?colour=red&colour=green", "100 [] red+green false -1.0"), ("?wait=2", "100 []  false 2.0"),
        ("?wait=1m", "100 []  false 60.0"), ("?&&limit=7&", "7 []  false -1.0"),
        ("?cursor=\(Cursor(["a", "é/"]).text)", "100 [\"a\", \"é/\"]  false -1.0"),
        ("?%6cimit=%37", "7 []  false -1.0"),
    ])
    func `query parameters are typed, with their defaults`(_ query: String, _ expected: String) async throws {
        let answer = try await exchange.send(.get, "/things\(query)", admin)
        #expect(answer.text == expected)
    }

    @Test(arguments: [
        ("?limit=0", "limit: must be between 1 and 1000"),
        ("?limit=1001", "limit: must be between 1 and 1000"),
        ("?limit=x", "limit: must be a whole number"), ("?limit=", "limit: must be a whole number"),
        ("?limit", "limit: must be a whole number"), ("?limit=1.5", "limit: must be a whole number"),
        ("?limit=99999999999999999999", "limit: must be a whole number"),
        ("?limit=1&limit=2", "limit: must be given once"), ("?verbose=yes", "verbose: must be true or false"),
        ("?colour=red&colour=blue", "colour: must be one of red, green"),
        ("?wait=soon", "wait: must be a number of seconds, or a duration such as 30s or 1m30s"),
        ("?wait=nan", "wait: must be a number of seconds, or a duration such as 30s or 1m30s"),
        ("?wait=61", "wait: must be between 0 and 60 seconds"),
        ("?cursor=%7b%7d", "cursor: must be the 'nextCursor' of a page, unchanged"),
        ("?cursor=", "cursor: must not be empty"),
        ("?cursor=AAAA", "cursor: must be the 'nextCursor' of a page, unchanged"),
        ("?limits=1", "limits: there is no such query parameter; did you mean 'limit'?"),
        ("?x=1", "x: there is no such query parameter; there are colour, verbose, wait, limit, cursor"),
    ])
    func `a wrong query parameter is named`(_ query: String, _ expected: String) async throws {
        let answer = try await exchange.send(.get, "/things\(query)", admin)
        #expect(answer.status == .badRequest)
        #expect(try errors(answer) == [expected])
    }

    @Test func `every wrong parameter is named at once`() async throws {
        let answer = try await exchange.send(.get, "/things?limit=0&x=1&verbose=2", admin)
        #expect(try errors(answer).map { $0.prefix { $0 != ":" } } == ["x", "verbose", "limit"])
        #expect(try await errors(exchange.send(.get, "/needs")) == ["needed: is required"])
        #expect(try await exchange.send(.get, "/needs?needed=3").text == "3")
    }

    @Test func `very many query parameters are refused`() async throws {
        let query = (0..<1000).map { "a\($0)=1" }.joined(separator: "&")
        #expect(try await exchange.send(.get, "/things?\(query)", admin).status == .badRequest)
    }

    @Test(arguments: [
        "x", "0123456789abcdefghi", "ILOU56789abcdefghjkm", String(repeating: "0", count: 3000),
    ])
    func `a wrong path parameter is named`(_ id: String) async throws {
        let answer = try await exchange.send(.get, "/things/\(id)", admin)
        #expect(answer.status == .badRequest)
        #expect(
            try errors(answer) == ["id: must be an identifier of 20 characters, as the platform gives them"])
    }

    @Test func `a page has its items and where the next one starts`() throws {
        let page = Page(items: [1, 2], next: Cursor(["2"]))
        #expect(
            try JSONReader().read(JSONWriter.bytes(encoding: page)) == [
                "items": [1, 2], "nextCursor": .string(Cursor(["2"]).text),
            ])
        #expect(try JSONReader().read(JSONWriter.bytes(encoding: Page(items: [1]))) == ["items": [1]])
    }

    @Test func `cursors come back as they went`() {
        for parts in [[], [""], ["a"], ["?>~", "\u{10FFFF}", "\""]] {
            let text = Cursor(parts).text
            #expect(Cursor(parsing: text)?.parts == parts)
            #expect(text.utf8.allSatisfy { $0 != 0x2B && $0 != 0x2F && $0 != 0x3D })
        }
        for bad in ["", "!", "W10=", "eyJhIjoxfQ", "WzFd", "W1siYSJdXQ", String(repeating: "A", count: 2000)]
        {
            #expect(Cursor(parsing: bad) == nil, "\(bad)")
        }
    }

    // MARK: Bodies

    @Test func `a body is decoded with its defaults`() async throws {
        let answer = try await exchange.send(.post, "/things", admin, body: #"{"name":"a"}"#)
        #expect(answer.status == .created)
        #expect(answer.fields["Location"] == "/things/\(Shop.thingID)")
        #expect(try answer.json() == ["count": 1, "name": "a"])
    }

    @Test(arguments: [
        ("", ": the JSON text is empty"),
        ("{", ": the text ends too early (line 1, column 2)"),
        (#"{"name":"a",}"#, ": expected a key in double quotes, found '}' (line 1, column 13)"),
        (#"{"name":"a","name":"b"}"#, ": the key 'name' is there twice (line 1, column 13)"),
        ("{\"name\":\"\u{0}\"}", ": a control character stands there unescaped (line 1, column 10)"),
        ("null", ": must be an object, not null"),
        (
            #"{"name":"A"}"#,
            "name: must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end, such as web-1"
        ),
        (#"{"name":"a","count":11}"#, "count: must be between 0 and 10"),
        (#"{"name":"a","count":1e99}"#, "count: is too large a number between 0 and 10"),
        (#"{"name":"a","cuont":1}"#, "cuont: there is no such field; did you mean 'count'?"),
        (#"{"count":1}"#, "name: is required"),
    ])
    func `a wrong body is a 400 that names the field`(_ body: String, _ expected: String) async throws {
        let answer = try await exchange.send(.post, "/things", admin, body: body)
        #expect(answer.status == .badRequest)
        #expect(try errors(answer) == [expected])
    }

    @Test(arguments: [("", "2"), ("{}", "2"), (#"{"coats":3}"#, "3")])
    func `a body that may be left out has its defaults`(_ body: String, _ expected: String) async throws {
        #expect(try await exchange.send(.post, "/paint", body: body).text == expected)
    }

    @Test func `a body that nests too deep is refused`() async throws {
        let bomb = String(repeating: "[", count: 900)
        let answer = try await exchange.send(.post, "/things", admin, body: bomb)
        #expect(answer.status == .badRequest)
        #expect(try errors(answer)[0].contains("64 deep"))
    }

    @Test func `a body that is too long is refused by its length alone`() async throws {
        struct Untouchable: HTTPBodyReader {
            func next() async throws -> [UInt8]? {
                Issue.record("the body was read")
                return nil
            }
        }
        let answer = try await exchange.send(
            HTTPRequest(
                method: .post, target: "/things",
                fields: HTTPFields(["Authorization": "admin", "Content-Length": "1001"]), body: Untouchable())
        )
        #expect(answer.status == .contentTooLarge)
    }

    @Test func `a body without a length is read only up to its limit`() async throws {
        final class Endless: HTTPBodyReader {
            let pieces = Atomic<Int>(0)

            func next() async throws -> [UInt8]? {
                pieces.add(1, ordering: .relaxed)
                return [1, 2, 3]
            }
        }
        let endless = Endless()
        let answer = try await exchange.send(HTTPRequest(method: .post, target: "/upload", body: endless))
        #expect(answer.status == .contentTooLarge)
        #expect(try answer.json()["detail"] == "the request body is larger than 10")
        #expect(endless.pieces.load(ordering: .relaxed) == 4)
        let long = String(repeating: " ", count: 2000)
        #expect(try await exchange.send(.post, "/things", admin, body: long).status == .contentTooLarge)
    }

    @Test(arguments: ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"])
    func `the body's type is checked without regard to case and parameters`(_ type: String) async throws {
        let fields: KeyValuePairs = ["Authorization": "admin", "Content-Type": type]
        #expect(try await exchange.send(.post, "/things", fields, body: #"{"name":"a"}"#).status == .created)
    }

    @Test(arguments: ["text/plain", "", "application/x-www-form-urlencoded", "application/jsonp", ";"])
    func `a body of another type is a 415`(_ type: String) async throws {
        let fields: KeyValuePairs = ["Authorization": "admin", "Content-Type": type]
        let answer = try await exchange.send(.post, "/things", fields, body: #"{"name":"a"}"#)
        #expect(answer.status == .unsupportedMediaType)
        #expect(answer.fields["Accept"] == "application/json")
    }

    @Test func `an answer is JSON whatever is asked for`() async throws {
        let answer = try await exchange.send(.get, "/nothing", ["Accept": "image/png"])
        #expect(answer.status == .notFound)
        #expect(answer.fields["Content-Type"] == "application/problem+json")
    }
}

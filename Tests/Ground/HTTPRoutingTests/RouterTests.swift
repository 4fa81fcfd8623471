import Core
import Documents
import HTTPModel
import HTTPRouting
import Telemetry
import Testing

@Suite struct RouterTests {
    private let shop = Shop()
    private var exchange: any Exchange { shop.exchange }
    private let id = Shop.thingID.text
    private let reader: KeyValuePairs = ["Authorization": "reader"]
    private let admin: KeyValuePairs = ["Authorization": "admin"]

    @Test func `what the server answers by itself is a problem like every other`() throws {
        for (status, detail, type) in [
            (414, "too long", "invalid"), (431, "too many", "invalid"), (501, "unknown", "invalid"),
            (408, "too slow", "deadline"), (500, nil, "internal"),
        ] as [(Int, String?, String)] {
            let response = shop.router.refuse(HTTPStatus(rawValue: status), detail)
            guard case .bytes(let bytes) = response.body else { throw HTTPBodyError.disconnected }
            let problem = try JSONReader(maximumSize: 4096).read(bytes)
            #expect(problem["type"]?.string == "urn:apollo:error:\(type)")
            #expect(problem["status"] == .integer(Int64(status)))
            #expect(problem["instance"]?.string == response.fields["X-Request-Id"])
            if let detail { #expect(problem["detail"]?.string == detail) }
            #expect(ProblemDetails.schema.check(Document(problem)).violations.isEmpty)
        }
    }

    @Test(arguments: [
        ("/", "root of nobody"), ("/?", "root of nobody"), ("/echo/a", "a"), ("/echo/a%20b%2Bc+d", "a b+c+d"),
        ("/echo/%E2%82%AC", "€"), ("/echo/a%2Fb", "a/b"), ("/echo/%252e%252e", "%2e%2e"),
        ("/echo/...", "..."),
        ("/echo/.hidden", ".hidden"), ("/echo/a..b", "a..b"),
        ("/echo/a;b=c@d:e!$&'()*,=", "a;b=c@d:e!$&'()*,="),
        ("http://example.org/echo/x", "x"), ("HTTPS://h:1/echo/x?", "x"), ("http://h", "root of nobody"),
        ("http://h?", "root of nobody"), ("/things/search/parts/all", "search"),
        ("/things/\(Shop.thingID)/parts/p", "\(Shop.thingID) p"), ("/files/a", "a"),
        ("/files/a/b%20c/d.txt", "a/b c/d.txt"),
    ])
    func `a path leads to its route, decoded once`(_ target: String, _ expected: String) async throws {
        let answer = try await exchange.send(.get, target)
        #expect(answer.status == .ok)
        #expect(answer.text == expected)
    }

    @Test(arguments: [
        "/echo/..", "/echo/.", "/../echo/a", "/./echo/a", "/echo/%2e%2e", "/echo/%2E.", "/echo/.%2e",
        "/echo/%2e", "/echo/a%2F..%2Fb", "/echo/..%2Fetc%2Fpasswd", "/echo/a%2F..", "/files/../../etc/passwd",
        "/files/a/%2e%2e/b", "/files/a/..%2fb", "/echo/%", "/echo/%2", "/echo/%zz", "/echo/%2g", "/echo/a%",
        "/echo/%00", "/echo/%0a", "/echo/%0D%0AX:1", "/echo/%7f", "/echo/%ff", "/echo/%c0%ae%c0%ae",
        "/echo/%c0%af", "/echo/%ed%a0%80", "/echo/%e2%82", "/echo/%f5%80%80%80", "/echo/a#b", "/echo/a b",
        "/echo/\u{E9}", "/echo/a\u{1}", "echo/a", "", "?", "ftp://h/echo/a", "//..", "javascript:alert(1)",
        "*",
        "/echo/a?x=%", "/echo/a?%zz=1", "/echo/a?x=%ff", "/echo/a?x=%00", "/echo/a?x=a#b",
    ])
    func `a hostile target is a 400, and no handler sees it`(_ target: String) async throws {
        let answer = try await exchange.send(.get, target)
        #expect(answer.status == .badRequest, "\(answer.text)")
        #expect(try answer.json()["type"] == "urn:apollo:error:invalid")
    }

    @Test(arguments: [
        "/nothing", "/echo", "/echo/a/b", "//", "/echo//", "//echo/a", "/echo//a", "/things//parts/p",
        "/files",
        "/files//a", "/files/a//b", "/files/a%2Fb", "/%65cho%2Fa", "/ECHO/a", "/things/search/parts",
    ])
    func `a path without a route is a 404`(_ target: String) async throws {
        let answer = try await exchange.send(.get, target)
        #expect(answer.status == .notFound, "\(answer.text)")
        #expect(answer.fields["Content-Type"] == "application/problem+json")
    }

    @Test func `an escape of a plain character is that character`() async throws {
        #expect(try await exchange.send(.get, "/%65cho/%61").text == "a")
    }

    @Test func `another method is a 405 that says which there are`() async throws {
        let answer = try await exchange.send(.delete, "/things", admin)
        #expect(answer.status == .methodNotAllowed)
        #expect(answer.fields["Allow"] == "GET, HEAD, OPTIONS, POST")
        let odd = try await exchange.send(HTTPMethod(rawValue: "get"), "/things", admin)
        #expect(odd.status == .methodNotAllowed)
    }

    @Test func `OPTIONS says which methods there are`() async throws {
        let answer = try await exchange.send(.options, "/things/\(id)")
        #expect(answer.status == .noContent)
        #expect(answer.fields["Allow"] == "GET, HEAD, OPTIONS, PUT")
        #expect(try await exchange.send(.options, "*").status == .noContent)
        #expect(try await exchange.send(.options, "/nothing").status == .notFound)
    }

    @Test func `HEAD is answered as GET is`() async throws {
        let answer = try await exchange.send(.head, "/things/\(id)", reader)
        #expect(answer.status == .ok)
        #expect(answer.fields["ETag"] == "\"12\"")
        #expect(answer.body.isEmpty)
        #expect(try await exchange.send(.head, "/upload").status == .methodNotAllowed)
    }

    @Test func `a trailing slash is redirected, within the service`() async throws {
        let answer = try await exchange.send(.get, "/things/?limit=3")
        #expect(answer.status == 308)
        #expect(answer.fields["Location"] == "/things?limit=3")
        #expect(try await exchange.send(.post, "/things/").status == 308)
        #expect(try await exchange.send(.get, "//evil.example/").status == .notFound)
    }

    // MARK: Who asks

    @Test func `without credentials only open routes answer`() async throws {
        let answer = try await exchange.send(.get, "/things")
        #expect(answer.status == .unauthorized)
        #expect(answer.fields["WWW-Authenticate"] == "Bearer realm=\"apollo\"")
        #expect(try answer.json()["hint"] == "send one")
        #expect(try await exchange.send(.get, "/things?wrong=1").status == .unauthorized)
        #expect(try await exchange.send(.get, "/").status == .ok)
    }

    @Test func `permissions are required before the body is looked at`() async throws {
        let denied = try await exchange.send(.post, "/things", reader, body: "{")
        #expect(denied.status == .forbidden)
        #expect(try denied.json()["detail"] == "reader may not 'write'")
        #expect(try await exchange.send(.get, "/things", reader).status == .ok)
    }

    @Test func `a permission can depend on the parameters`() async throws {
        let other = Shop.ThingID(time: Timestamp(microseconds: 5), random: 1)
        #expect(try await exchange.send(.get, "/things/\(id)", reader).status == .ok)
        #expect(try await exchange.send(.get, "/things/\(other)", reader).status == .forbidden)
        #expect(try await exchange.send(.get, "/things/\(other)", admin).status == .ok)
    }

    // MARK: Request ids and metrics

    @Test func `a good request id is kept, another is replaced`() async throws {
        let kept = try await exchange.send(.get, "/nothing", ["X-Request-Id": "a-1.b_C"])
        #expect(kept.fields.values("X-Request-Id") == ["a-1.b_C"])
        #expect(try kept.json()["instance"] == "a-1.b_C")
        var seen: Set<String> = []
        let exchange = exchange
        for bad in ["", "a b", "a\"", "é", String(repeating: "a", count: 65), "a\n"] {
            let answer = try await exchange.send(.get, "/", ["X-Request-Id": bad])
            let id = try #require(answer.fields["X-Request-Id"])
            #expect(id.utf8.count == 15)
            seen.insert(id)
        }
        #expect(seen.count == 6)
    }

    @Test func `requests are counted by route, not by what clients send`() async throws {
        let exchange = exchange
        _ = try await exchange.send(.get, "/things/\(id)", reader)
        _ = try await exchange.send(.get, "/things/\(id)")
        for index in 0..<20 {
            _ = try await exchange.send(HTTPMethod(rawValue: "M\(index)"), "/nothing/\(index)")
        }
        let text = String(decoding: shop.metrics.exposition(), as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("apollo_http_requests_total") }
        #expect(
            lines == [
                #"apollo_http_requests_total{route="/things/{id}",method="GET",status="2xx"} 1"#,
                #"apollo_http_requests_total{route="/things/{id}",method="GET",status="4xx"} 1"#,
                #"apollo_http_requests_total{route="none",method="other",status="4xx"} 20"#,
            ])
        #expect(text.contains("apollo_http_requests_active 0\n"))
        #expect(
            text.contains(#"apollo_http_request_seconds_count{route="/things/{id}",method="GET"} 2"#))
    }

    // MARK: Failures

    @Test func `an error of the vocabulary says what it is`() async throws {
        let answer = try await exchange.send(.get, "/fails/known", ["X-Request-Id": "r1"])
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.fields["Content-Type"] == "application/problem+json")
        #expect(
            try answer.json() == [
                "type": "urn:apollo:error:unavailable", "title": "Not available now", "status": 503,
                "detail": "the engine does not answer", "instance": "r1", "hint": "start it",
            ])
        let details = try DocumentDecoder().decode(ProblemDetails.self, from: answer.body)
        #expect(details.error == ApolloError(.unavailable, "the engine does not answer", hint: "start it"))
    }

    @Test func `an unknown error says nothing of itself, and is reported`() async throws {
        let answer = try await exchange.send(.get, "/fails/unknown", ["X-Request-Id": "r2"])
        #expect(answer.status == .internalServerError)
        #expect(!answer.text.contains("hunter2") && !answer.text.contains("Secret"))
        #expect(shop.reported.lines.count == 1)
        #expect(shop.reported.lines[0].contains("hunter2"))
        #expect(shop.reported.lines[0].contains(#""request":"r2""#))
    }

    @Test(arguments: ["01", "00"])
    func `a fault of the service says in which trace it is, to the client and to the log`(_ flags: String)
        async throws
    {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let parent: KeyValuePairs = ["traceparent": "00-\(trace)-00f067aa0ba902b7-\(flags)"]
        for target in ["/fails/known", "/fails/unknown"] {
            let answer = try await exchange.send(.get, target, parent)
            let details = try DocumentDecoder().decode(ProblemDetails.self, from: answer.body)
            #expect(details.traceId == trace)
        }
        #expect(shop.reported.lines.allSatisfy { $0.contains(#""trace":"\#(trace)""#) })
        #expect(shop.reported.lines.count == 2)
        // What is the client's own fault needs no looking for, and what is in no trace cannot be found in one.
        #expect(try await !exchange.send(.get, "/nowhere", parent).text.contains("traceId"))
        #expect(try await !exchange.send(.get, "/fails/unknown").text.contains("traceId"))
    }

    @Test(arguments: [("cancelled", 499), ("given-up", 499), ("disconnected", 499), ("late", 408)])
    func `a request that breaks off is no fault of the service`(_ how: String, _ status: Int) async throws {
        #expect(try await exchange.send(.get, "/fails/\(how)").status.rawValue == status)
        #expect(shop.reported.lines.isEmpty)
    }

    @Test(arguments: ["cancelled", "given-up", "disconnected"])
    func `what the service gives up itself says why, and may come again`(_ how: String) async throws {
        var ending = shop
        ending.ending = { ApolloError(.unavailable, "the service ends", hint: "try again") }
        let answer = try await ending.exchange.send(.get, "/fails/\(how)")
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.fields["Retry-After"] == "2")
        #expect(answer.text.contains(#""detail":"the service ends""#))
        // What fails for a reason of its own still says that.
        #expect(try await ending.exchange.send(.get, "/fails/late").status.rawValue == 408)
        #expect(try await ending.exchange.send(.get, "/echo/a").status == .ok)
        #expect(ending.reported.lines.isEmpty)
    }

    @Test func `events are streamed`() async throws {
        let answer = try await exchange.send(.get, "/events")
        #expect(answer.fields["Content-Type"] == "text/event-stream")
        #expect(answer.text == "event: a\nid: 1\ndata: x\ndata: y\n\n: alive\n\n")
    }
}

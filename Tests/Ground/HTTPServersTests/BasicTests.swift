import Concurrency
import Core
import EventLoops
import HTTPModel
import HTTPServers
import Testing

private func hello(_ request: HTTPRequest) -> HTTPResponse {
    HTTPResponse(.ok, fields: HTTPFields(["Content-Type": "text/plain"]), body: .bytes(Array("hello".utf8)))
}

struct BasicTests {
    @Test func `a response has its bytes in their order`() async throws {
        try await withServer(handler: hello) { fixture in
            let answer = try await fixture.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let lines = answer.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
            #expect(lines[0] == "HTTP/1.1 200 OK")
            #expect(lines[1] == "Content-Type: text/plain")
            let date = try #require(lines[2].hasPrefix("Date: ") ? String(lines[2].dropFirst(6)) : nil)
            #expect(HTTPDate.parse(date) != nil)
            #expect(lines[3...] == ["Content-Length: 5", "Connection: close", "", "hello"])
        }
    }

    @Test func `a connection serves one request after the other`() async throws {
        try await withServer(handler: { request in
            HTTPResponse(.ok, body: .bytes(Array(request.target.utf8)))
        }) { fixture in
            let client = try await fixture.connect()
            for path in ["/1", "/2?q", "/3", "/4"] {
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await client.response()
                #expect(response.text == path)
                #expect(response.fields["connection"] == nil)
            }
            let statistics = fixture.server.statistics
            #expect(statistics.connections == 1)
            #expect(statistics.openConnections == 1)
            #expect(statistics.requests == 4)
            // An answer can be read before it is counted: the last may not be yet.
            #expect((3...4).contains(statistics.responses[2]))
            #expect(statistics.bytesReceived == 4 * 28 + 2)
            await client.close()
        }
    }

    @Test func `a thousand pipelined requests are answered in their order`() async throws {
        try await withServer(handler: { request in
            HTTPResponse(.ok, body: .bytes(Array(request.target.utf8)))
        }) { fixture in
            let client = try await fixture.connect()
            let requests = (0..<1000).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            try await client.send(requests)
            for number in 0..<1000 { #expect(try await client.response().text == "/\(number)") }
            await client.close()
        }
    }

    @Test func `requests are answered however their bytes are cut`() async throws {
        try await withServer(handler: { request in
            HTTPResponse(.ok, body: .bytes(try await request.body.collect(upTo: 100)))
        }) { fixture in
            let client = try await fixture.connect()
            let text =
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
            for byte in text.utf8 { try await client.send([byte]) }
            #expect(try await client.response().text == "abcd")
            await client.close()
        }
    }

    @Test(arguments: [
        ("HTTP/1.0", "", "close"), ("HTTP/1.0", "Connection: keep-alive\r\n", "keep-alive"),
        ("HTTP/1.1", "Connection: close\r\n", "close"),
    ])
    func `the connection ends as the request wants`(version: String, fields: String, told: String)
        async throws
    {
        try await withServer(handler: hello) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / \(version)\r\nHost: a\r\n\(fields)\r\n")
            let response = try await client.response()
            #expect(response.fields["connection"] == told)
            if told == "close" {
                #expect(try await client.isAtEnd())
            } else {
                try await client.send("GET / \(version)\r\nHost: a\r\n\(fields)\r\n")
                #expect(try await client.response().status == 200)
            }
            await client.close()
        }
    }

    @Test func `HEAD gets the fields of GET and no body`() async throws {
        try await withServer(handler: { request in
            request.path == "/stream"
                ? HTTPResponse(.ok, body: .stream(length: nil) { try await $0.write([1]) }) : hello(request)
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send(
                "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response(toHead: true).fields["content-length"] == "5")
            #expect(try await client.response(toHead: true).fields["transfer-encoding"] == "chunked")
            #expect(try await client.response().text == "hello")
            await client.close()
        }
    }

    @Test func `204 and 304 have neither a body nor a length`() async throws {
        try await withServer(handler: { request in
            HTTPResponse(request.path == "/204" ? .noContent : .notModified, body: .bytes([1, 2, 3]))
        }) { fixture in
            let client = try await fixture.connect()
            for status in [204, 304] {
                try await client.send("GET /\(status) HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try await client.response()
                #expect(response.status == status)
                #expect(response.fields["content-length"] == nil)
            }
            await client.close()
        }
    }

    @Test func `what the server writes itself, a handler cannot`() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                .ok,
                fields: HTTPFields([
                    "content-length": "99", "Transfer-Encoding": "chunked", "CONNECTION": "upgrade",
                    "Date": "now",
                    "X": "y",
                ]), body: .bytes([0x61]))
        }) { fixture in
            let answer = try await fixture.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(!answer.contains("99") && !answer.contains("chunked") && !answer.contains("upgrade"))
            #expect(!answer.contains("now") && answer.contains("X: y\r\n"))
        }
    }

    @Test(arguments: ["a\r\nSet-Cookie: b", "a\nb", "a\u{0}b"])
    func `a response cannot be split by a field`(value: String) async throws {
        try await withServer(handler: { _ in HTTPResponse(.ok, fields: HTTPFields(["X": value])) }) {
            fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try await client.response()
            #expect(response.status == 500)
            #expect(response.fields["set-cookie"] == nil)
            #expect(try await fixture.reports(1).count == 1)
            await client.close()
        }
    }

    @Test func `a handler that throws is a 500 that tells the client nothing, and is reported`() async throws
    {
        struct Secret: Error {}
        try await withServer(handler: { _ in throw Secret() }) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try await client.response()
            #expect(response.status == 500)
            #expect(response.fields["content-type"] == "application/problem+json")
            #expect(response.text == #"{"type":"about:blank","title":"Internal Server Error","status":500}"#)
            #expect(try await fixture.reports(1)[0].contains("Secret"))
            // The connection goes on.
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 500)
            await client.close()
        }
    }

    @Test func `a malformed request is refused with its reason, and the connection ends`() async throws {
        try await withServer(handler: hello) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            let refused = try await client.response()
            #expect(refused.status == 400)
            #expect(refused.text.contains(#""detail":"a bare LF after the HTTP version""#))
            #expect(refused.fields["connection"] == "close")
            #expect(try await client.isAtEnd())
            #expect(fixture.server.statistics.refusedRequests == 1)
            await client.close()
        }
    }

    @Test func `a server is started once, on addresses that are free`() async throws {
        try await withServer(handler: hello) { fixture in
            let loops = try EventLoopGroup(count: 1, name: "second")
            let configuration = HTTPServerConfiguration(
                endpoints: [.init(.tcp(host: "127.0.0.1", port: 0)), .init(fixture.addresses[0])],
                environment: .live, report: { _ in })
            let second = HTTPServer(configuration: configuration, handler: hello)
            await #expect(throws: ApolloError.self) { try await second.start(on: loops) }
            await #expect(throws: ApolloError.self) { try await second.start(on: loops) }
            await loops.stop()
        }
    }

    @Test func `a unix socket serves as well`() async throws {
        try await withTemporaryDirectory { directory in
            try await withServer(
                endpoints: [.init(.unix(path: "\(directory)/socket"))],
                handler: { HTTPResponse(.ok, body: .bytes(Array($0.peer.utf8))) }
            ) { fixture in
                #expect(fixture.addresses == [.unix(path: "\(directory)/socket")])
                let client = try await fixture.connect()
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().text == "unix")
                await client.close()
            }
        }
    }
}

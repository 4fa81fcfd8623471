import Concurrency
import Core
import HTTPModel
import ScriptedServers
import Testing

@testable import HTTPClients

/// When a request is sent again.
@Suite struct RetryTests {
    private static let quick = HTTPClientConfiguration(
        retry: HTTPRetryPolicy(backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(5), limit: 3)))

    /// Answers 503 until the request of this number, from 1, and 200 then.
    private func server(succeedingAt number: Int, fields: [String] = []) -> ScriptedServer {
        ScriptedServer.serving { server, connection in
            while let request = connection.readRequest() {
                server.note("\(request.method) \(request.text)")
                let isGood = server.requests.count >= number
                connection.respond(isGood ? 200 : 503, fields: isGood ? [] : fields, isGood ? "good" : "bad")
            }
        }
    }

    @Test(arguments: [HTTPMethod.get, .put, .delete])
    func `an unavailable server is asked again`(_ method: HTTPMethod) async throws {
        let server = server(succeedingAt: 3)
        try await withClient(Self.quick) { (client) async throws in
            let body: HTTPClientBody = method == .put ? .bytes(Array("abc".utf8)) : .empty
            let response = try await client.send(HTTPClientRequest(method, server.url, body: body))
            #expect(try await response.text() == "good")
        }
        let expected = method == .put ? "PUT abc" : "\(method) "
        #expect(server.requests == [expected, expected, expected])
        #expect(server.connectionCount == 1)
    }

    @Test func `tries are bounded, and the last response is returned`() async throws {
        let server = server(succeedingAt: 100)
        try await withClient(Self.quick) { (client) async throws in
            let response = try await client.send(HTTPClientRequest(.get, server.url))
            #expect(response.status == .serviceUnavailable)
            #expect(try await response.text() == "bad")
        }
        #expect(server.requests.count == 4)
    }

    @Test func `a POST is sent once, unless it is said to be idempotent`() async throws {
        let first = server(succeedingAt: 2)
        let second = server(succeedingAt: 2)
        try await withClient(Self.quick) { (client) async throws in
            let response = try await client.send(HTTPClientRequest(.post, first.url))
            #expect(response.status == .serviceUnavailable)
            let again = try await client.fetch(HTTPClientRequest(.post, second.url, isIdempotent: true))
            #expect(again.status == .ok)
        }
        #expect(first.requests.count == 1)
        #expect(second.requests.count == 2)
    }

    @Test func `a body that can be read once is sent once, one with a new reader again`() async throws {
        let first = server(succeedingAt: 2)
        let second = server(succeedingAt: 2)
        try await withClient(Self.quick) { (client) async throws in
            let once = HTTPClientBody.stream(BufferedBody("abc"), length: 3)
            #expect(
                try await client.fetch(HTTPClientRequest(.put, first.url, body: once)).status
                    == .serviceUnavailable)
            let again = HTTPClientBody.replayable(length: 3) { BufferedBody("abc") }
            #expect(try await client.fetch(HTTPClientRequest(.put, second.url, body: again)).status == .ok)
        }
        #expect(second.requests == ["PUT abc", "PUT abc"])
    }

    @Test func `a connection broken off before the response is tried again`() async throws {
        let server = ScriptedServer.serving { server, connection in
            guard let request = connection.readRequest() else { return }
            server.note(request.method)
            // It serves no second request on a connection, and says so: else the client may take one that is about to be closed.
            if connection.number >= 3 { connection.respond(200, fields: ["Connection: close"], "good") }
        }
        try await withClient(Self.quick) { (client) async throws in
            #expect(try await client.fetch(HTTPClientRequest(.get, server.url)).text == "good")
            let error = await failure {
                _ = try await client.send(HTTPClientRequest(.post, server.url + "/", retry: .never))
            }
            #expect(error == nil)
        }
        #expect(server.connectionCount == 4)
    }

    /// libcurl itself sends a request anew where a connection of its pool was closed; that must not repeat a POST.
    @Test func `a pooled connection that closes under a request repeats only what may be repeated`()
        async throws
    {
        let server = ScriptedServer.serving { server, connection in
            guard let first = connection.readRequest() else { return }
            server.note(first.method)
            connection.respond(200, "first")
            guard let second = connection.readRequest() else { return }
            server.note(second.method)
            connection.reset()
        }
        try await withClient(HTTPClientConfiguration(retry: .never)) { (client) async throws in
            _ = try await client.send(HTTPClientRequest(.get, server.url)).text()
            let error = await failure {
                _ = try await client.send(HTTPClientRequest(.post, server.url, body: .bytes([1, 2])))
            }
            guard case .disconnected = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(server.requests == ["GET", "POST"])
            _ = try await client.fetch(HTTPClientRequest(.get, server.url)).text
            #expect(try await client.fetch(HTTPClientRequest(.put, server.url)).text == "first")
        }
        #expect(server.requests == ["GET", "POST", "GET", "PUT", "PUT"])
    }

    @Test func `Retry-After beyond the bound is not waited for`() async throws {
        let server = server(succeedingAt: 2, fields: ["Retry-After: 3600"])
        try await withClient(Self.quick) { (client) async throws in
            #expect(
                try await client.fetch(HTTPClientRequest(.get, server.url)).status == .serviceUnavailable)
        }
        #expect(server.requests.count == 1)
    }

    @Test func `Retry-After of a moment is waited for`() async throws {
        let server = server(succeedingAt: 2, fields: ["Retry-After: 1"])
        let clock = LiveClock()
        try await withClient(Self.quick) { (client) async throws in
            let start = clock.now
            #expect(try await client.fetch(HTTPClientRequest(.get, server.url)).status == .ok)
            #expect(start.duration(to: clock.now) >= .seconds(1))
        }
    }

    @Test func `the deadline bounds the tries together`() async throws {
        let server = server(succeedingAt: 100, fields: ["Retry-After: 20"])
        try await withClient(Self.quick) { (client) async throws in
            let timeouts = HTTPTimeouts(total: .seconds(10))
            let response = try await client.send(HTTPClientRequest(.get, server.url, timeouts: timeouts))
            #expect(response.status == .serviceUnavailable)
        }
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        ("120", Duration.seconds(120)), (" 0 ", .zero), ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)),
        ("Sun, 06 Nov 1994 08:49:30 GMT", .zero),
    ])
    func `Retry-After is read`(text: String, expected: Duration) {
        let now = Timestamp(parsing: "1994-11-06T08:49:37Z")!
        #expect(RetryAfter.parse(text, now: now) == expected)
    }

    @Test(arguments: [
        "", "-1", "1.5", "soon", "99999999999999999999", "Sun, 06 Nov 1994", "Sun, 6 Nov 94 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
    ])
    func `Retry-After that is none is passed over`(_ text: String) {
        #expect(RetryAfter.parse(text, now: Timestamp(microseconds: 0)) == nil)
    }
}

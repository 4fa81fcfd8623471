import Concurrency
import Core
import HTTPModel
import ScriptedServers
import Testing

@testable import HTTPClients

/// Requests and responses against a server that says what each test tells it to.
@Suite struct HTTPClientTests {
    @Test func `a request arrives as it was made, and the response comes back`() async throws {
        let server = ScriptedServer { request, connection in
            let fields = [
                "x-token": request.fields["x-token"] ?? "none",
                "empty": request.fields["x-empty"] ?? "missing",
            ]
            connection.respond(
                201, fields: ["X-Seen: \(fields["x-token"]!)|\(fields["empty"]!)", "X-Two: a", "x-two: b"],
                "\(request.method) \(request.target) \(request.text)")
        }
        try await withClient { (client) async throws in
            let response = try await client.send(
                HTTPClientRequest(
                    .post, server.url + "/a/../b?q=%20",
                    fields: HTTPFields(["X-Token": "t1", "X-Empty": ""]),
                    body: .bytes(Array("hello".utf8))))
            #expect(response.status == .created)
            #expect(response.fields["x-seen"] == "t1|")
            #expect(response.fields.values("X-TWO") == ["a", "b"])
            #expect(try await response.text() == "POST /a/../b?q=%20 hello")
        }
    }

    @Test(arguments: [HTTPMethod.get, .put, .post, .delete, .patch, .head, .options])
    func `each method is sent, with a length of zero where a body is meant`(_ method: HTTPMethod) async throws
    {
        let server = ScriptedServer { request, connection in
            if request.method == "HEAD" {
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            } else {
                let length = request.fields["content-length"] ?? "none"
                connection.respond(
                    200, "\(request.method) \(length) \(request.fields["expect"] ?? "no expect")")
            }
        }
        try await withClient { (client) async throws in
            let response = try await client.send(HTTPClientRequest(method, server.url + "/"))
            #expect(response.status == .ok)
            let length = [.put, .post, .patch].contains(method) ? "0" : "none"
            #expect(try await response.text() == (method == .head ? "" : "\(method) \(length) no expect"))
        }
    }

    @Test func `requests one after the other use one connection`() async throws {
        let server = ScriptedServer { request, connection in connection.respond(200, request.target) }
        try await withClient { (client) async throws in
            for number in 0..<20 {
                let response = try await client.send(HTTPClientRequest(.get, server.url + "/\(number)"))
                #expect(try await response.text() == "/\(number)")
            }
        }
        #expect(server.connectionCount == 1)
        #expect(server.requests.count == 20)
    }

    @Test func `a unix socket is reached, per client and per request`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/engine.sock"
            let server = ScriptedServer(unixSocket: path) { request, connection in
                connection.respond(200, request.fields["host"] ?? "")
            }
            let configuration = HTTPClientConfiguration(unixSocket: path, retry: .never)
            try await withClient(configuration) { (client) async throws in
                let response = try await client.send(HTTPClientRequest(.get, "http://engine/info"))
                #expect(try await response.text() == "engine")
            }
            try await withClient { (client) async throws in
                let request = HTTPClientRequest(.get, "http://engine/info", retry: .never, unixSocket: path)
                let response = try await client.send(request)
                #expect(try await response.text() == "engine")
            }
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `redirects are returned, or followed where asked`() async throws {
        let server = ScriptedServer { request, connection in
            switch request.path {
            case "/old": connection.respond(302, fields: ["Location: /new"], "moved")
            case "/loop": connection.respond(302, fields: ["Location: /loop"], "moved")
            default: connection.respond(200, "here")
            }
        }
        try await withClient { (client) async throws in
            let plain = try await client.send(HTTPClientRequest(.get, server.url + "/old"))
            #expect(plain.status == 302)
            #expect(plain.fields["Location"] == "/new")
            #expect(try await plain.text() == "moved")
            let followed = try await client.send(
                HTTPClientRequest(.get, server.url + "/old", maximumRedirects: 3))
            #expect(followed.status == .ok)
            #expect(try await followed.text() == "here")
            let error = await failure {
                let response = try await client.send(
                    HTTPClientRequest(.get, server.url + "/loop", retry: .never, maximumRedirects: 3))
                _ = try await response.text()
            }
            guard case .malformedResponse(_, let reason) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(reason.contains("redirects"))
        }
    }

    @Test func `interim responses are passed over`() async throws {
        let server = ScriptedServer { _, connection in
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
            connection.respond(200, fields: ["X-Final: yes"], "body")
        }
        try await withClient { (client) async throws in
            let response = try await client.send(HTTPClientRequest(.get, server.url))
            #expect(response.status == .ok)
            #expect(response.fields["Link"] == nil)
            #expect(try await response.text() == "body")
        }
    }

    @Test func `requests beyond the bound wait, in order, and beyond that are refused`() async throws {
        let gate = Latch<Void>()
        let server = ScriptedServer { request, connection in
            connection.respond(200, request.target)
        }
        let configuration = HTTPClientConfiguration(maximumConcurrentRequests: 1, maximumWaitingRequests: 2)
        let held = ScriptedServer { _, connection in
            connection.beginChunks()
            connection.writeChunk([1])
            gate.open()
            connection.waitForClose()
        }
        try await withClient(configuration) { (client) async throws in
            // One response that does not end takes the only place.
            var holder: HTTPClientResponse? = try await client.send(HTTPClientRequest(.get, held.url))
            try await gate.wait()
            try await withThrowingTaskGroup(of: HTTPClientError?.self) { group in
                for number in 0..<3 {
                    group.addTask {
                        await failure {
                            let response = try await client.send(
                                HTTPClientRequest(.get, server.url + "/\(number)"))
                            _ = try await response.text()
                        }
                    }
                }
                // The one too many fails at once; the others go on when the place is free.
                #expect(try await group.next() == .overloaded(limit: 2))
                #expect(holder?.status == .ok)
                holder = nil
                for try await error in group { #expect(error == nil) }
            }
        }
        #expect(server.requests.count == 2)
    }

    @Test func `a closed client refuses, and ends what is under way`() async throws {
        let server = ScriptedServer { _, connection in
            connection.beginChunks()
            connection.writeChunk([1])
            connection.waitForClose()
        }
        let client = HTTPClient()
        let response = try await client.send(HTTPClientRequest(.get, server.url))
        await client.close()
        #expect(await failure { while try await response.body.next() != nil {} } == .closed)
        #expect(await failure { _ = try await client.send(HTTPClientRequest(.get, server.url)) } == .closed)
        await client.close()
    }

    @Test func `a body outlives the last reference to its client`() async throws {
        let server = ScriptedServer { _, connection in
            connection.beginChunks()
            for _ in 0..<8 { connection.writeChunk([UInt8](repeating: 7, count: 100_000)) }
            connection.writeChunk([])
        }
        let body = try await HTTPClient().send(HTTPClientRequest(.get, server.url)).body
        #expect(try await body.collect(upTo: 1 << 20).count == 800_000)
    }
}

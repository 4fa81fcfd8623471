import Concurrency
import Core
import HTTPModel
import ScriptedServers
import Testing

@testable import HTTPClients

/// What goes wrong, and how it is said.
@Suite struct FailureTests {
    private let once = HTTPClientConfiguration(retry: .never)

    @Test func `a missing socket is named with the reason`() async throws {
        let configuration = HTTPClientConfiguration(unixSocket: "/nowhere/engine.sock", retry: .never)
        try await withClient(configuration) { (client) async throws in
            let error = await failure { _ = try await client.send(HTTPClientRequest(.get, "http://engine/")) }
            #expect(
                error?.asApolloError.message
                    == "cannot connect to /nowhere/engine.sock: no such file or directory")
            #expect(error?.asApolloError.kind == .unavailable)
        }
    }

    @Test func `a refused connection is named with the reason`() async throws {
        let server = ScriptedServer { _, _ in }
        server.stop()
        try await withClient(once) { (client) async throws in
            let error = await failure { _ = try await client.send(HTTPClientRequest(.get, server.url)) }
            #expect(
                error == .couldNotConnect(to: "127.0.0.1:\(server.port)", reason: "connection refused"))
        }
    }

    @Test func `a name that does not exist is said to be so`() async throws {
        try await withClient(HTTPClientConfiguration(retry: .never, usesEnvironmentProxy: false)) {
            client async throws in
            let error = await failure {
                _ = try await client.send(HTTPClientRequest(.get, "http://no-such-host.invalid:81/"))
            }
            #expect(error == .couldNotResolve(host: "no-such-host.invalid"))
        }
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "127.0.0.1", "", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://",
        "http://127.0.0.1:99999/", "http://[::1/",
    ])
    func `an address that is none is refused`(_ address: String) async throws {
        try await withClient(once) { (client) async throws in
            let error = await failure { _ = try await client.send(HTTPClientRequest(.get, address)) }
            #expect(error?.asApolloError.kind == .invalid, "\(String(describing: error))")
        }
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-Evil: 1"), ("X-A", "b\nc"), ("X-A", "b\0c"), ("X A", "b"), ("X-A:", "b"), ("", "b"),
        ("X\r\nY", "b"), ("Content-Length", "1"), ("transfer-encoding", "chunked"),
    ])
    func `a field that could be taken for something else is refused`(name: String, value: String) async throws
    {
        let server = ScriptedServer { _, connection in connection.respond(200) }
        try await withClient(once) { (client) async throws in
            var request = HTTPClientRequest(.get, server.url)
            request.fields.append(name: name, value: value)
            let error = await failure { _ = try await client.send(request) }
            #expect(error?.asApolloError.kind == .invalid)
            request = HTTPClientRequest(HTTPMethod(rawValue: "GE T"), server.url)
            #expect(await failure { _ = try await client.send(request) }?.asApolloError.kind == .invalid)
        }
        #expect(server.requests.isEmpty)
    }

    @Test func `a socket path that is too long is refused`() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        try await withClient(HTTPClientConfiguration(unixSocket: path)) { (client) async throws in
            let error = await failure { _ = try await client.send(HTTPClientRequest(.get, "http://engine/")) }
            #expect(error?.asApolloError.kind == .invalid)
        }
    }

    @Test(arguments: [1, 2000])
    func `response fields beyond the limit are refused`(lines: Int) async throws {
        let server = ScriptedServer { _, connection in
            let length = lines == 1 ? 80_000 : 40
            let field = "X-Big: " + String(repeating: "y", count: length) + "\r\n"
            connection.write("HTTP/1.1 200 OK\r\n" + String(repeating: field, count: lines) + "\r\n")
        }
        try await withClient(once) { (client) async throws in
            let error = await failure { _ = try await client.send(HTTPClientRequest(.get, server.url)) }
            #expect(error == .tooLarge(limit: 64 << 10, peer: "127.0.0.1:\(server.port)"))
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "hello\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
    ])
    func `what is no HTTP is an error`(_ text: String) async throws {
        let server = ScriptedServer { _, connection in connection.write(text) }
        try await withClient(once) { (client) async throws in
            let error = await failure {
                let response = try await client.send(HTTPClientRequest(.get, server.url))
                _ = try await response.text()
            }
            #expect(error != nil)
            #expect(error?.asApolloError.kind == .unavailable, "\(String(describing: error))")
        }
    }

    @Test func `a server that closes without a word has disconnected`() async throws {
        let server = ScriptedServer.serving { server, connection in _ = connection.readHead() }
        try await withClient(once) { (client) async throws in
            let error = await failure { _ = try await client.send(HTTPClientRequest(.get, server.url)) }
            guard case .disconnected = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
        }
    }

    @Test func `a reset in the middle of the fields has disconnected`() async throws {
        let server = ScriptedServer.serving { server, connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nX-A: ")
            connection.reset()
        }
        try await withClient(once) { (client) async throws in
            let error = await failure {
                let response = try await client.send(HTTPClientRequest(.get, server.url))
                _ = try await response.text()
            }
            guard case .disconnected = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
        }
    }

    @Test func `a call that takes too long ends at its deadline`() async throws {
        let server = ScriptedServer.serving { server, connection in
            server.note("connected")
            connection.waitForClose()
        }
        try await withClient { (client) async throws in
            let error = await failure {
                _ = try await client.send(
                    HTTPClientRequest(
                        .get, server.url, timeouts: HTTPTimeouts(idle: nil, total: .milliseconds(150))))
            }
            #expect(error == .timedOut(.total, after: .milliseconds(150), peer: "127.0.0.1:\(server.port)"))
            #expect(error?.asApolloError.kind == .deadline)
        }
    }

    @Test func `a body that stalls ends at the idle time, what came before it is kept`() async throws {
        let server = ScriptedServer.serving { server, connection in
            _ = connection.readHead()
            connection.beginChunks()
            connection.writeChunk(Array("first".utf8))
            connection.waitForClose()
        }
        try await withClient { (client) async throws in
            let response = try await client.send(
                HTTPClientRequest(.get, server.url, timeouts: HTTPTimeouts(idle: .seconds(2))))
            #expect(try await response.body.next() == Array("first".utf8))
            let error = await failure { _ = try await response.body.next() }
            #expect(error == .timedOut(.idle, after: .seconds(2), peer: "127.0.0.1:\(server.port)"))
        }
    }

    @Test func `the deadline holds while a request waits for its turn`() async throws {
        let server = ScriptedServer.serving { server, connection in
            _ = connection.readHead()
            connection.beginChunks()
            connection.waitForClose()
        }
        try await withClient(HTTPClientConfiguration(maximumConcurrentRequests: 1)) { (client) async throws in
            let holder = try await client.send(HTTPClientRequest(.get, server.url))
            let error = await failure {
                _ = try await client.send(
                    HTTPClientRequest(.get, server.url, timeouts: HTTPTimeouts(total: .milliseconds(100))))
            }
            #expect(error == .timedOut(.total, after: .milliseconds(100), peer: "127.0.0.1:\(server.port)"))
            #expect(holder.status == .ok)
        }
    }

    @Test func `cancelling a task ends its request and its connection`() async throws {
        let begun = Latch<Void>()
        let closed = Latch<Void>()
        let server = ScriptedServer.serving { server, connection in
            _ = connection.readHead()
            begun.open()
            connection.waitForClose()
            closed.open()
        }
        try await withClient { (client) async throws in
            try await withThrowingTaskGroup(of: HTTPClientError?.self) { group in
                group.addTask {
                    await failure { _ = try await client.send(HTTPClientRequest(.get, server.url)) }
                }
                try await begun.wait()
                group.cancelAll()
                #expect(try await group.next() == .cancelled)
            }
            try await closed.wait()
        }
    }

    @Test func `cancelling a reader ends its body`() async throws {
        let server = ScriptedServer.serving { server, connection in
            _ = connection.readHead()
            connection.beginChunks()
            connection.writeChunk([1])
            connection.waitForClose()
        }
        try await withClient { (client) async throws in
            let body = try await client.send(HTTPClientRequest(.get, server.url)).body
            _ = try await body.next()
            await withTaskGroup(of: HTTPClientError?.self) { group in
                group.addTask { await failure { _ = try await body.next() } }
                group.cancelAll()
                #expect(await group.next() == .cancelled)
            }
        }
    }

    @Test func `a request that ignores cancellation is sent from a cancelled task`() async throws {
        let server = ScriptedServer { request, connection in connection.respond(200, "cleaned") }
        try await withClient { (client) async throws in
            await withTaskGroup(of: String?.self) { group in
                group.cancelAll()
                group.addTask {
                    let request = HTTPClientRequest(.delete, server.url, ignoresCancellation: true)
                    return try? await client.send(request).text()
                }
                #expect(await group.next() == "cleaned")
            }
        }
    }
}

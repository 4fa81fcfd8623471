import Concurrency
import Core
import HTTPModel
import ScriptedServers
import Synchronization
import Testing

@testable import HTTPClients

/// Bodies on their way, and what happens where one end is slower than the other.
@Suite struct StreamingTests {
    @Test func `a response that nobody reads stops the server from sending`() async throws {
        let total = 64 << 20
        let sent = Mutex(0)
        let server = ScriptedServer { _, connection in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 9, count: 1 << 16)
            while sent.withLock({ $0 }) < total, connection.write(piece) {
                sent.withLock { $0 += piece.count }
            }
        }
        let configuration = HTTPClientConfiguration(bodyBuffer: 1 << 18)
        try await withClient(configuration) { (client) async throws in
            let response = try await client.send(HTTPClientRequest(.get, server.url))
            var received = try await response.body.next()?.count ?? 0
            // The server stands still once the client's buffer and the kernel's are full: what it sent stops growing.
            let before = try await settled { sent.withLock { $0 } }
            #expect(before < total / 2)
            while let piece = try await response.body.next() {
                #expect(piece.count <= 1 << 18)
                received += piece.count
            }
            #expect(received == total)
        }
    }

    @Test func `a request body is read no faster than the server takes it`() async throws {
        let hasHead = Latch<Void>()
        let gate = ScriptGate()
        let received = Mutex(0)
        let server = ScriptedServer.serving { _, connection in
            guard connection.readHead() != nil else { return }
            hasHead.open()
            gate.wait()
            while let chunk = connection.readChunk(), !chunk.isEmpty {
                received.withLock { $0 += chunk.count }
            }
            connection.respond(200, "done")
        }
        let body = CountedBody(pieces: 1024, of: 1 << 16)
        let configuration = HTTPClientConfiguration(bodyBuffer: 1 << 18)
        try await withClient(configuration) { (client) async throws in
            async let response = client.send(
                HTTPClientRequest(.post, server.url, body: .stream(body, length: nil)))
            try await hasHead.wait()
            let before = try await settled { body.piecesGiven }
            #expect(before < 512)
            gate.open()
            #expect(try await response.text() == "done")
        }
        #expect(received.withLock { $0 } == 1024 << 16)
        #expect(body.piecesGiven == 1024)
    }

    @Test func `both directions stream at once`() async throws {
        let server = ScriptedServer.serving { server, connection in
            guard connection.readHead() != nil else { return }
            connection.beginChunks()
            while let chunk = connection.readChunk() {
                connection.writeChunk(chunk)
                if chunk.isEmpty { return }
            }
        }
        let body = CountedBody(pieces: 300, of: 40_000)
        try await withClient { (client) async throws in
            let response = try await client.send(
                HTTPClientRequest(.post, server.url, body: .stream(body, length: nil)))
            var received = 0
            while let piece = try await response.body.next() {
                #expect(piece.allSatisfy { $0 == UInt8(ascii: "x") })
                received += piece.count
            }
            #expect(received == 300 * 40_000)
        }
    }

    @Test func `a body of known length is sent with it`() async throws {
        let server = ScriptedServer { request, connection in
            connection.respond(200, "\(request.fields["content-length"] ?? "none") \(request.body.count)")
        }
        try await withClient { (client) async throws in
            let body = CountedBody(pieces: 10, of: 1000)
            let response = try await client.send(
                HTTPClientRequest(.put, server.url, body: .stream(body, length: 10_000)))
            #expect(try await response.text() == "10000 10000")
        }
    }

    @Test(arguments: [(9_999, "longer than the 9999 bytes"), (10_001, "ended after 10000 of 10001")])
    func `a body of another length than announced is an error`(length: Int, message: String) async throws {
        let server = ScriptedServer { request, connection in connection.respond(200, "done") }
        try await withClient { (client) async throws in
            let body = CountedBody(pieces: 10, of: 1000)
            let error = await failure {
                let response = try await client.send(
                    HTTPClientRequest(.put, server.url, body: .stream(body, length: Int64(length))))
                _ = try await response.text()
            }
            guard case .requestBodyFailed(let reason) = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(reason.contains(message))
        }
    }

    @Test func `a body that cannot be read fails the request`() async throws {
        struct Broken: HTTPBodyReader {
            func next() async throws -> [UInt8]? { throw ApolloError(.corrupt, "the disk is on fire") }
        }
        let server = ScriptedServer { request, connection in connection.respond(200, "done") }
        try await withClient { (client) async throws in
            let error = await failure {
                _ = try await client.send(
                    HTTPClientRequest(.post, server.url, body: .stream(Broken(), length: nil)))
            }
            #expect(error == .requestBodyFailed("the disk is on fire"))
        }
    }

    @Test func `an early refusal ends an upload that still goes on`() async throws {
        let server = ScriptedServer.serving { server, connection in
            guard connection.readHead() != nil else { return }
            connection.respond(413, fields: ["Connection: close"], "too much")
            connection.waitForClose()
        }
        try await withClient { (client) async throws in
            let response = try await client.send(
                HTTPClientRequest(.post, server.url, body: .stream(EndlessSilentBody(), length: nil)))
            #expect(response.status == .contentTooLarge)
            #expect(try await response.text() == "too much")
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n40\r\nxx",
    ])
    func `a connection that ends within a body is an error, after what came`(_ text: String) async throws {
        let server = ScriptedServer.serving { server, connection in
            guard connection.readHead() != nil else { return }
            connection.write(text)
        }
        try await withClient { (client) async throws in
            let response = try await client.send(HTTPClientRequest(.get, server.url))
            var body: [UInt8] = []
            let error = await failure { while let piece = try await response.body.next() { body += piece } }
            #expect(String(decoding: body.prefix(4), as: UTF8.self) == "half")
            guard case .disconnected = error else {
                Issue.record("unexpected \(String(describing: error))")
                return
            }
            #expect(await failure { _ = try await response.body.next() } == error)
        }
    }

    @Test func `a response dropped before its end frees its connection`() async throws {
        let closed = Latch<Void>()
        let server = ScriptedServer.serving { server, connection in
            guard connection.readHead() != nil else { return }
            connection.beginChunks()
            connection.writeChunk([1])
            connection.waitForClose()
            closed.open()
        }
        try await withClient { (client) async throws in
            _ = try await client.send(HTTPClientRequest(.get, server.url))
            try await closed.wait()
        }
    }
}

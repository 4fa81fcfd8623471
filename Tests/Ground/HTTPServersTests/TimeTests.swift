import Concurrency
import Core
import EventLoops
import Gates
import HTTPModel
import HTTPServers
import Testing

struct TimeTests {
    @Test func `a head that trickles in too slowly is a 408, however busily it trickles`() async throws {
        try await withServer(
            // Long enough for a first request on the busiest machine.
            configure: { $0.timeouts.head = .seconds(3) },
            handler: { _ in
                HTTPResponse(.ok)
            }
        ) { fixture in
            let client = try await fixture.connect()
            // From the second request on the time starts with its first byte.
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            let response = try await withThrowingTaskGroup(of: RawClient.Response?.self) { group in
                group.addTask {
                    try? await client.send("GET / HTTP/1.1\r\n")
                    while !Task.isCancelled {
                        try? await client.send("X: y\r\n")
                        // lint:allow sleeping a client that is slow on purpose
                        try await Environment.live.clock.sleep(for: .milliseconds(60))
                    }
                    return nil
                }
                group.addTask { try await client.response() }
                let first = try await group.next() ?? nil
                group.cancelAll()
                return first
            }
            #expect(response?.status == 408)
            await client.close()
        }
    }

    @Test func `a connection that says nothing is closed, before a request and between two`() async throws {
        try await withServer(
            configure: { $0.timeouts.head = .milliseconds(50) }, handler: { _ in HTTPResponse(.ok) }
        ) { fixture in
            let silent = try await fixture.connect()
            #expect(try await silent.isAtEnd())
            await silent.close()
        }
        try await withServer(
            configure: {
                $0.timeouts.head = .seconds(60)
                $0.timeouts.idle = .milliseconds(50)
            }, handler: { _ in HTTPResponse(.ok) }
        ) { fixture in
            let once = try await fixture.connect()
            try await once.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await once.response().status == 200)
            #expect(try await once.isAtEnd())
            await once.close()
        }
    }

    @Test func `a body that stops coming is a 408`() async throws {
        try await withServer(
            configure: { $0.timeouts.body = .milliseconds(50) },
            handler: { request in
                HTTPResponse(.ok, body: .bytes(try await request.body.collect(upTo: 100)))
            }
        ) { fixture in
            let client = try await fixture.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(try await client.response().status == 408)
            await client.close()
        }
    }

    @Test func `a client that goes away cancels its handler and its stream`() async throws {
        let started = Door()
        let cancelled = Shared<[String]>([])
        let both = Door()
        @Sendable func waitForEver(_ name: String) async throws {
            started.open()
            do {
                // lint:allow sleeping a handler that only its cancellation ends
                try await Environment.live.clock.sleep(for: .seconds(3600))
            } catch {
                cancelled.update { $0.append(name) }
                if cancelled.value.count == 2 { both.open() }
                throw error
            }
        }
        try await withServer(handler: { request in
            if request.path == "/stream" {
                return HTTPResponse(
                    .ok,
                    body: .stream(length: nil) { writer in
                        try await writer.write([1])
                        try await waitForEver("stream")
                    })
            }
            try await waitForEver("handler")
            return HTTPResponse(.ok)
        }) { fixture in
            let first = try await fixture.connect()
            try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()
            await first.close()
            let second = try await fixture.connect()
            try await second.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await second.read(until: "\r\n\r\n1\r\n")
            await second.close()
            await both.wait()
            #expect(cancelled.value.sorted() == ["handler", "stream"])
            #expect(fixture.reported.value.isEmpty)
        }
    }

    @Test func `a client that stops sending after its last request still gets its answers`() async throws {
        try await withServer(handler: { request in
            // Away from the loop and back, so that the end of the input is seen meanwhile.
            // lint:allow sleeping a handler that is slow on purpose
            try await Environment.live.clock.sleep(for: .milliseconds(5))
            return HTTPResponse(.ok, body: .bytes(Array(request.target.utf8)))
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            await client.socket.finishWriting()
            #expect(try await client.response().text == "/1")
            await client.close()
        }
    }

    @Test func `a shutdown lets requests finish, closes idle connections and takes no new ones`() async throws
    {
        let started = Door()
        let proceed = Door()
        try await withServer(handler: { request in
            if request.path == "/slow" {
                started.open()
                await proceed.wait()
            }
            return HTTPResponse(.ok, body: .bytes([0x6B]))
        }) { fixture in
            let idle = try await fixture.connect()
            try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await idle.response().status == 200)
            let busy = try await fixture.connect()
            try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()

            async let cut = fixture.server.shutdown(deadline: .seconds(60))
            #expect(try await idle.isAtEnd())
            await #expect(throws: (any Error).self) { try await fixture.connect() }
            proceed.open()
            let response = try await busy.response()
            #expect(response.text == "k")
            #expect(response.fields["connection"] == "close")
            #expect(try await busy.isAtEnd())
            #expect(await cut == 0)
            #expect(fixture.server.statistics.openConnections == 0)
            await idle.close()
            await busy.close()
        }
    }

    @Test func `a shutdown cuts what does not finish by its deadline`() async throws {
        let started = Door()
        let cancelled = Shared(false)
        try await withServer(handler: { _ in
            started.open()
            do {
                // lint:allow sleeping a handler that only its cancellation ends
                try await Environment.live.clock.sleep(for: .seconds(3600))
            } catch {
                cancelled.set(true)
                throw error
            }
            return HTTPResponse(.ok)
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()
            #expect(await fixture.server.shutdown(deadline: .milliseconds(20)) == 1)
            #expect(cancelled.value)
            #expect(fixture.server.statistics.openConnections == 0)
            await client.close()
        }
    }

    @Test func `connections over the limit wait until one ends`() async throws {
        try await withServer(configure: { $0.limits.connections = 2 }, handler: { _ in HTTPResponse(.ok) }) {
            fixture in
            let first = try await fixture.connect()
            let second = try await fixture.connect()
            for client in [first, second] {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().status == 200)
            }
            let third = try await fixture.connect()
            try await third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            do {
                _ = try await third.socket.read(within: .milliseconds(50))
                Issue.record("a third connection was served")
            } catch {
                #expect(error as? SocketError == .timedOut)
            }
            await first.close()
            #expect(try await third.response().status == 200)
            await second.close()
            await third.close()
        }
    }

    @Test func `a connection ends after as many requests as it may have`() async throws {
        try await withServer(
            configure: { $0.limits.requestsPerConnection = 2 },
            handler: { _ in
                HTTPResponse(.ok)
            }
        ) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().fields["connection"] == nil)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().fields["connection"] == "close")
            #expect(try await client.isAtEnd())
            await client.close()
        }
    }

    @Test func `connections that never stop do not stop the others`() async throws {
        try await withServer(handler: { request in
            guard request.path == "/flood" else { return HTTPResponse(.ok) }
            return HTTPResponse(
                .ok,
                body: .stream(length: nil) { writer in
                    let piece = [UInt8](repeating: 0, count: 1 << 20)
                    while true { try await writer.write(piece) }
                })
        }) { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Two floods of bytes and one of requests, all on one loop.
                for _ in 0..<2 {
                    let flood = try await fixture.connect()
                    group.addTask {
                        try await flood.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
                        while try await flood.socket.read() != nil {}
                    }
                }
                let busy = try await fixture.connect()
                group.addTask {
                    let many = String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000)
                    while true { try await busy.send(many) }
                }
                group.addTask { while try await busy.socket.read() != nil {} }
                let modest = try await fixture.connect()
                for _ in 0..<100 {
                    try await modest.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await modest.response().status == 200)
                }
                await modest.close()
                group.cancelAll()
                while let result = await group.nextResult() { _ = result }
            }
        }
    }
}

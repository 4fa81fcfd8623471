import Concurrency
import Core
import EventLoops
import Gates
import HTTPModel
import HTTPServers
import Testing

/// Sends the body back as it comes.
private func echo(_ request: HTTPRequest) -> HTTPResponse {
    HTTPResponse(
        .ok,
        body: .stream(length: request.fields["Content-Length"].flatMap { Int64($0) }) { writer in
            while let piece = try await request.body.next() { try await writer.write(piece) }
        })
}

struct BodyTests {
    @Test func `bodies of known and unknown length stream both ways at once`() async throws {
        try await withServer(handler: echo) { fixture in
            let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ $0 >> 9) }
            let client = try await fixture.connect()
            for isChunked in [false, true] {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await client.send(
                            "POST / HTTP/1.1\r\nHost: a\r\n"
                                + (isChunked
                                    ? "Transfer-Encoding: chunked\r\n\r\n"
                                    : "Content-Length: \(bytes.count)\r\n\r\n"))
                        guard isChunked else { return try await client.send(bytes) }
                        for start in stride(from: 0, to: bytes.count, by: 100_000) {
                            let piece = bytes[start..<min(bytes.count, start + 100_000)]
                            try await client.send(
                                Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
                        }
                        try await client.send("0\r\n\r\n")
                    }
                    group.addTask {
                        let response = try await client.response()
                        #expect(difference(response.body, bytes) == nil)
                        #expect((response.fields["transfer-encoding"] == "chunked") == isChunked)
                    }
                    try await group.waitForAll()
                }
            }
            await client.close()
        }
    }

    @Test func `a large body in memory arrives whole`() async throws {
        let bytes = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await withServer(handler: { _ in HTTPResponse(.ok, body: .bytes(bytes)) }) { fixture in
            let client = try await fixture.connect()
            for _ in 0..<2 {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(difference(try await client.response().body, bytes) == nil)
            }
            await client.close()
        }
    }

    @Test func `for HTTP/1_0 the end of a stream is the end of the connection`() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(.ok, body: .stream(length: nil) { try await $0.write(Array("abc".utf8)) })
        }) { fixture in
            let answer = try await fixture.exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(answer.hasSuffix("\r\nConnection: close\r\n\r\nabc"))
            #expect(!answer.contains("chunked"))
        }
    }

    @Test func `a client that does not read stops the one who writes`() async throws {
        let written = Shared(0)
        let ended = Door()
        let ends = Shared<[String]>([])
        try await withServer(
            configure: {
                $0.timeouts.write = .milliseconds(100)
                $0.report = { event in
                    ends.update { $0.append("\(event)") }
                    ended.open()
                }
            },
            handler: { _ in
                HTTPResponse(
                    .ok,
                    body: .stream(length: nil) { writer in
                        let piece = [UInt8](repeating: 1, count: 1 << 20)
                        for _ in 0..<1000 {
                            try await writer.write(piece)
                            written.update { $0 += 1 }
                        }
                    })
            }
        ) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await ended.wait()
            // The kernel's buffers hold a few of the thousand; then the stall ends the stream.
            #expect(written.value < 100)
            #expect(ends.value.first?.contains("timedOut") == true)
            await client.close()
        }
    }

    @Test func `a handler that does not read stops the one who sends`() async throws {
        let proceed = Door()
        try await withServer(handler: { request in
            await proceed.wait()
            var count = 0
            while let piece = try await request.body.next() { count += piece.count }
            return HTTPResponse(.ok, body: .bytes(Array("\(count)".utf8)))
        }) { fixture in
            let client = try await fixture.connect()
            let size = 64 << 20
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            do {
                try await client.socket.write([UInt8](repeating: 0, count: size), within: .milliseconds(100))
                Issue.record("64 MiB went into nothing")
            } catch {
                #expect(error as? SocketError == .timedOut)
            }
            #expect(fixture.server.statistics.bytesReceived < 1 << 20)
            proceed.open()
            await client.close()
        }
    }

    @Test func `100 Continue is sent when the body is first wanted, and only then`() async throws {
        let reading = Door()
        try await withServer(handler: { request in
            guard request.path == "/read" else { return HTTPResponse(.ok, body: .bytes([0x6E])) }
            await reading.wait()
            return HTTPResponse(.ok, body: .bytes(try await request.body.collect(upTo: 10)))
        }) { fixture in
            let client = try await fixture.connect()
            let fields = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
            try await client.send("PUT /read HTTP/1.1\r\n" + fields)
            do {
                _ = try await client.socket.read(within: .milliseconds(30))
                Issue.record("100 Continue came before anyone read")
            } catch {
                #expect(error as? SocketError == .timedOut)
            }
            reading.open()
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("abc")
            #expect(try await client.response().text == "abc")

            // Nobody reads: no 100, and nobody knows whether the body comes.
            try await client.send("PUT /ignore HTTP/1.1\r\n" + fields)
            let response = try await client.response()
            #expect(response.status == 200)
            #expect(response.fields["connection"] == "close")
            #expect(try await client.isAtEnd())
            await client.close()
        }
    }

    @Test func `a small body that nobody read is skipped, a large one ends the connection`() async throws {
        try await withServer(
            configure: { $0.limits.unreadBodyBytes = 1000 },
            handler: { _ in
                HTTPResponse(.ok)
            }
        ) { fixture in
            let client = try await fixture.connect()
            let body = String(repeating: "x", count: 1000)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n\(body)")
            try await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n\(body)\r\n0\r\n\r\n")
            #expect(try await client.response().fields["connection"] == nil)
            #expect(try await client.response().fields["connection"] == nil)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n\(body)y")
            #expect(try await client.response().fields["connection"] == "close")
            #expect(try await client.isAtEnd())
            await client.close()
        }
    }

    @Test func `a body over the limit is a 413, told before it is sent or when it shows`() async throws {
        let calls = Shared(0)
        try await withServer(
            configure: { $0.limits.bodyBytes = 10 },
            handler: { request in
                calls.update { $0 += 1 }
                _ = try await request.body.collect(upTo: 1000)
                return HTTPResponse(.ok)
            }
        ) { fixture in
            let fixed = try await fixture.exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n01234567890")
            #expect(fixed.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
            #expect(calls.value == 0)
            let chunked = try await fixture.exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"
            )
            #expect(chunked.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
            #expect(calls.value == 1)
        }
    }

    @Test func `a body that breaks off or is damaged is told to the handler`() async throws {
        let errors = Shared<[String]>([])
        let ended = Door()
        try await withServer(handler: { request in
            do {
                _ = try await request.body.collect(upTo: 1000)
            } catch {
                errors.update { $0.append("\(error)") }
                if errors.value.count == 2 { ended.open() }
                throw error
            }
            return HTTPResponse(.ok)
        }) { fixture in
            let damaged = try await fixture.exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
            #expect(damaged.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(damaged.contains("'x' where a chunk's size should be"))
            let client = try await fixture.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            await client.close()
            await ended.wait()
            #expect(errors.value.last == "disconnected")
        }
    }

    @Test func `a stream that breaks its promise, or throws, breaks the connection off`() async throws {
        struct Trouble: Error {}
        try await withServer(handler: { request in
            switch request.path {
            case "/short": HTTPResponse(.ok, body: .stream(length: 10) { try await $0.write([1]) })
            case "/long": HTTPResponse(.ok, body: .stream(length: 1) { try await $0.write([1, 2]) })
            default:
                HTTPResponse(
                    .ok,
                    body: .stream(length: nil) { writer in
                        try await writer.write([1])
                        throw Trouble()
                    })
            }
        }) { fixture in
            for path in ["/short", "/long", "/throws"] {
                let client = try await fixture.connect()
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                await #expect(throws: (any Error).self) { try await client.response() }
                await client.close()
            }
            #expect(try await fixture.reports(3).count == 3)
        }
    }

    @Test func `writes of several tasks come out one after the other, each whole`() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                .ok,
                body: .stream(length: nil) { writer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for letter in UInt8(0x61)...0x68 {
                            group.addTask {
                                for _ in 0..<5 {
                                    try await writer.write([UInt8](repeating: letter, count: 100_000))
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                })
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let body = try await client.response().body
            #expect(body.count == 8 * 5 * 100_000)
            for start in stride(from: 0, to: body.count, by: 100_000) {
                #expect(body[start..<start + 100_000].allSatisfy { $0 == body[start] })
            }
            await client.close()
        }
    }

    @Test func `a body cannot be read once its request is over`() async throws {
        let kept = Shared<(any HTTPBodyReader)?>(nil)
        try await withServer(handler: { request in
            kept.set(request.body)
            return HTTPResponse(.ok)
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            #expect(try await client.response().status == 200)
            let body = try #require(kept.value)
            await #expect(throws: HTTPBodyError.self) { try await body.next() }
            await client.close()
        }
    }

    @Test func `events come as they are sent, with heartbeats between them`() async throws {
        let proceed = Door()
        try await withServer(handler: { _ in
            EventStream.response(heartbeat: .milliseconds(20), clock: Environment.live.clock) { events in
                try await events.send("one\ntwo\r\nthree", name: "greeting", id: "7\n8")
                await proceed.wait()
                try await events.sendRetry(after: .seconds(2))
                try await events.send("")
            }
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let head = try await client.read(until: "\r\n\r\n")
            #expect(head.contains("Content-Type: text/event-stream; charset=utf-8\r\n"))
            let event = "event: greeting\nid: 7 8\ndata: one\ndata: two\ndata: three\n\n"
            #expect(try await client.read(until: event).hasSuffix("\r\n" + event))
            _ = try await client.read(until: ":\n\n")
            _ = try await client.read(until: ":\n\n")
            proceed.open()
            let rest = try await client.readToEnd()
            #expect(rest.contains("retry: 2000\n\n"))
            #expect(rest.hasSuffix("data: \n\n\r\n0\r\n\r\n"))
            await client.close()
        }
    }
}

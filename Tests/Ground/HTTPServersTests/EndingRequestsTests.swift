import Concurrency
import Core
import EventLoops
import Gates
import HTTPModel
import HTTPServers
import Testing

/// A server whose handler becomes another.
struct EndingRequestsTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `requests under way finish, and nobody else notices`() async throws {
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
            try await idle.send(Self.request)
            #expect(try await idle.response().status == 200)
            #expect(await fixture.server.endRequests(deadline: .seconds(60)) == 0)
            let busy = try await fixture.connect()
            try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()

            async let cut = fixture.server.endRequests(deadline: .seconds(60))
            let new = try await fixture.connect()
            for client in [idle, new] {
                try await client.send(Self.request)
                #expect(try await client.response().status == 200)
            }
            proceed.open()
            let response = try await busy.response()
            #expect(response.text == "k")
            #expect(response.fields["connection"] == nil)
            #expect(await cut == 0)
            for client in [idle, new, busy] {
                try await client.send(Self.request)
                #expect(try await client.response().status == 200)
                await client.close()
            }
        }
    }

    @Test func `what does not finish by the deadline is cancelled, and still answers`() async throws {
        let started = Door()
        try await withServer(handler: { request in
            guard request.path == "/stuck" else { return HTTPResponse(.ok) }
            started.open()
            do {
                // lint:allow sleeping a handler that only its cancellation ends
                try await Environment.live.clock.sleep(for: .seconds(3600))
            } catch {
                return HTTPResponse(.serviceUnavailable)
            }
            return HTTPResponse(.ok)
        }) { fixture in
            let idle = try await fixture.connect()
            try await idle.send(Self.request)
            #expect(try await idle.response().status == 200)
            let stuck = try await fixture.connect()
            try await stuck.send("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()
            #expect(await fixture.server.endRequests(deadline: .milliseconds(20)) == 1)
            let response = try await stuck.response()
            #expect(response.status == 503)
            #expect(response.fields["connection"] == "close")
            #expect(try await stuck.isAtEnd())
            await stuck.close()
            try await idle.send(Self.request)
            #expect(try await idle.response().status == 200)
            await idle.close()
        }
    }

    @Test func `a stream that never ends by itself is cut`() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                .ok,
                body: .stream(length: nil) { writer in
                    try await writer.write([1])
                    // lint:allow sleeping a stream that only its cancellation ends
                    try await Environment.live.clock.sleep(for: .seconds(3600))
                })
        }) { fixture in
            let client = try await fixture.connect()
            try await client.send(Self.request)
            _ = try await client.read(until: "\r\n\r\n1\r\n")
            #expect(await fixture.server.endRequests(deadline: .zero) == 1)
            // By a reset: a proper end would look like that of the body.
            await #expect(throws: (any Error).self) { try await client.readToEnd() }
            await client.close()
        }
    }
}

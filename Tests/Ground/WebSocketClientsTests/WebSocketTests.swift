import CertificateMaking
import Concurrency
import Core
import EventLoops
import Gates
import HTTPModel
import HTTPServers
import TLS
import Testing
import WebSocketClients
import WebSockets

struct WebSocketTests {
    private func exchangeAll(_ client: WebSocketClient, _ request: WebSocketClient.Request) async throws {
        let texts = ["", "a", String(repeating: "漢字 ", count: 30_000)].map { WebSocketMessage.text($0) }
        let bytes = [0, 125, 126, 65_535, 65_536, 1 << 20].map { count in
            WebSocketMessage.binary((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        }
        let ending = try await client.connect(request) { socket in
            for message in texts + bytes {
                try await socket.send(message)
                let isSame = try await socket.receive() == message
                #expect(isSame)
            }
        }
        #expect(ending == .closed(WebSocketClose(.normal)))
    }

    @Test func `texts and bytes of every length come back`() async throws {
        try await withServer(serving: echo) { fixture in
            try await exchangeAll(
                fixture.client(), .init(fixture.address, target: "/", subprotocols: ["x", "echo"]))
            #expect(fixture.reported.value.isEmpty)
        }
    }

    @Test(.enabled(if: TestCertificates.isAvailable, "the openssl command makes the certificates"))
    func `they come back through TLS`() async throws {
        let certificates = TestCertificates()
        let identity = certificates.make("localhost")
        try await withServer(certificate: try TLSCertificate(identity), serving: echo) { fixture in
            let context = try TLSContext.client(authorities: identity.certificates)
            try await exchangeAll(
                fixture.client(), .init(fixture.address, target: "/", host: "localhost", tls: context))
        }
    }

    @Test func `what nobody receives waits at the sender, and then comes whole`() async throws {
        let gate = Door()
        let counted = Shared(0)
        let count = 500
        try await withServer(serving: { socket in
            await gate.wait()
            while try await socket.receive() != nil { counted.update { $0 += 1 } }
        }) { fixture in
            let sent = Shared(0)
            try await fixture.client().connect(.init(fixture.address, target: "/")) { socket in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for _ in 0..<count {
                            try await socket.send(.binary([UInt8](repeating: 1, count: 64 << 10)))
                            sent.update { $0 += 1 }
                        }
                    }
                    // Until nothing has moved for a while: a busy machine can only make it too little.
                    var quiet = 0
                    var last = -1
                    while quiet < 10 {
                        // lint:allow sleeping nothing tells when a peer that waits has begun to wait
                        try await LiveClock().sleep(for: .milliseconds(20))
                        quiet = sent.value == last ? quiet + 1 : 0
                        last = sent.value
                    }
                    #expect(last < count)
                    // Of 32 MB the server has taken what a few messages are; the rest is in the kernel and here.
                    #expect(fixture.server.statistics.bytesReceived < 2 << 20)
                    gate.open()
                    try await group.waitForAll()
                }
            }
            #expect(counted.value == count)
        }
    }

    @Test func `a peer that answers no ping is let go`() async throws {
        let ended = Door()
        var configuration = WebSocket.Configuration()
        configuration.timing = WebSocketTiming(
            heartbeat: .milliseconds(50), silence: .milliseconds(100), closing: .seconds(5))
        try await withServer(
            configuration,
            serving: { socket in
                defer { ended.open() }
                await #expect(throws: (any Error).self) { try await socket.receive() }
            }
        ) { fixture in
            let socket = try await fixture.raw()
            #expect(try await socket.read(within: .seconds(40)) == [0x89, 0])
            await ended.wait()
            #expect(try await socket.read(within: .seconds(40)) == nil)
            await socket.close()
        }
    }

    @Test func `a client that is quiet but answers stays`() async throws {
        var configuration = WebSocket.Configuration()
        configuration.timing.heartbeat = .milliseconds(20)
        try await withServer(configuration, serving: echo) { fixture in
            let socket = try await fixture.raw()
            for _ in 0..<5 {
                #expect(try await socket.read(upTo: 2, within: .seconds(40)) == [0x89, 0])
                try await socket.write([0x8A, 0x80, 1, 2, 3, 4])
            }
            await socket.close()
        }
    }

    @Test func `messages before the close are received, however slowly`() async throws {
        let gate = Door()
        let received = Shared<[WebSocketMessage]>([])
        let done = Door()
        try await withServer(serving: { socket in
            defer { done.open() }
            await gate.wait()
            while let message = try await socket.receive() { received.update { $0.append(message) } }
        }) { fixture in
            let masked: [UInt8] = [0x81, 0x81, 0, 0, 0, 0]
            let messages = (0..<3).flatMap { masked + [0x61 + UInt8($0)] }
            // Behind the request, in one piece with it.
            let socket = try await fixture.raw(behind: messages + [0x88, 0x80, 0, 0, 0, 0])
            gate.open()
            await done.wait()
            #expect(received.value == [.text("a"), .text("b"), .text("c")])
            #expect(try await socket.read(within: .seconds(40)) == [0x88, 0])
            await socket.close()
        }
    }

    @Test func `what breaks the protocol is told why, and nothing else of it is heard`() async throws {
        try await withServer(serving: echo) { fixture in
            let socket = try await fixture.raw()
            try await socket.write([
                0x81, 0x81, 0, 0, 0, 0, 0x61, 0xC1, 0x80, 0, 0, 0, 0, 0x89, 0x80, 0, 0, 0, 0,
            ])
            var bytes: [UInt8] = []
            while let piece = try await socket.read(within: .seconds(40)) { bytes += piece }
            // The message before it came back or did not: the end overtakes who answers.
            if bytes.starts(with: [0x81, 1, 0x61]) { bytes.removeFirst(3) }
            #expect(bytes.starts(with: [0x88]) && bytes[2...].starts(with: [0x03, 0xEA]))
            await socket.close()
        }
    }

    @Test func `a server that fails says so, and one that is done closes`() async throws {
        try await withServer(serving: { socket in
            guard case .text("fail")? = try await socket.receive() else { return }
            throw ApolloError(.unavailable, "the disk is gone")
        }) { fixture in
            let failed = try await fixture.client().connect(.init(fixture.address, target: "/")) { socket in
                try await socket.send(.text("fail"))
                #expect(try await socket.receive() == nil)
            }
            #expect(failed == .closed(WebSocketClose(.internalError, "the disk is gone")))
            let done = try await fixture.client().connect(.init(fixture.address, target: "/")) { socket in
                try await socket.send(.text("go"))
                #expect(try await socket.receive() == nil)
                await #expect(throws: WebSocketEnding.self) { try await socket.send(.text("late")) }
            }
            #expect(done == .closed(WebSocketClose(.normal)))
        }
    }

    @Test func `a client that is gone cancels who serves it, one that never answers a close is cut`()
        async throws
    {
        let cancelled = Door()
        var configuration = WebSocket.Configuration()
        configuration.timing.closing = .milliseconds(100)
        try await withServer(
            configuration,
            serving: { socket in
                if case .text? = try await socket.receive() { return }
                do {
                    // lint:allow sleeping a handler that only its cancellation ends
                    try await LiveClock().sleep(for: .seconds(3600))
                } catch {
                    cancelled.open()
                    throw error
                }
            }
        ) { fixture in
            let gone = try await fixture.raw(behind: [0x82, 0x80, 0, 0, 0, 0])
            await gone.reset()
            await cancelled.wait()
            let stubborn = try await fixture.raw(behind: [0x81, 0x80, 0, 0, 0, 0])
            #expect(try await stubborn.read(upTo: 4, within: .seconds(40)) == [0x88, 2, 0x03, 0xE8])
            var isOver = false
            do throws(SocketError) {
                isOver = try await stubborn.read(within: .seconds(40)) == nil
            } catch {
                isOver = error != .timedOut  // Cut: with a reset.
            }
            #expect(isOver)
            await stubborn.close()
        }
    }

    @Test func `a server that stops says that it goes away, and waits for nobody`() async throws {
        let opened = Door()
        try await withServer(serving: { socket in
            try await socket.send(.text("here"))
            // lint:allow sleeping a handler that only its cancellation ends
            try await LiveClock().sleep(for: .seconds(3600))
        }) { fixture in
            async let ending = fixture.client().connect(.init(fixture.address, target: "/")) { socket in
                let first = try await socket.receive()
                opened.open()
                let second = try await socket.receive()
                #expect(first == .text("here") && second == nil)
            }
            await opened.wait()
            #expect(await fixture.server.shutdown(deadline: .seconds(60)) == 0)
            let how = try await ending
            #expect(how == .closed(WebSocketClose(.goingAway)))
            #expect(fixture.reported.value.isEmpty)
        }
    }

    @Test func `what is no WebSocket is told with its status`() async throws {
        try await withServer(serving: echo) { fixture in
            for (version, fields, status) in [
                ("1.1", "Connection: Upgrade\r\nSec-WebSocket-Version: 12\r\n", "426"), ("1.1", "", "400"),
                ("1.0", "", "400"), ("1.1", "Content-Length: 1\r\n", "400"),
            ] {
                let socket = try await StreamSocket.connecting(to: fixture.address, on: fixture.loops.next())
                var text = "GET / HTTP/\(version)\r\nHost: a\r\nUpgrade: websocket\r\n" + fields
                if status == "400", version == "1.0" || !fields.isEmpty {
                    text += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    text += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                }
                try await socket.write(Array((text + "\r\n" + (fields.hasPrefix("Content") ? "x" : "")).utf8))
                await socket.finishWriting()
                let answer = try await socket.read(within: .seconds(40)) ?? []
                #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 \(status) "), "\(fields)")
                await socket.close()
            }
            await #expect(throws: ApolloError.self) {
                try await fixture.client().connect(
                    .init(fixture.address, target: "/", fields: HTTPFields(["Origin": "http://evil.example"]))
                ) { _ in }
            }
        }
    }
}

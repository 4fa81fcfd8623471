import CertificateMaking
import Core
import EventLoops
import HTTPModel
import HTTPServers
import TLS
import Testing

@Suite(.enabled(if: TestCertificates.isAvailable, "needs the openssl command to make certificates"))
struct TLSServerTests {
    private let certificates = TestCertificates()

    private func endpoint(_ identity: TLSContext.Identity) throws -> HTTPServerConfiguration.Endpoint {
        .init(.tcp(host: "127.0.0.1", port: 0), certificate: try TLSCertificate(identity))
    }

    @Test(arguments: [TLSContext.Version.tls12, .tls13])
    func `requests, streams and files go through TLS`(version: TLSContext.Version) async throws {
        let identity = certificates.make("server")
        let bytes = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ $0 >> 10) }
        let path = "\(certificates.directory)/file"
        writeFile(path, bytes)
        try await withServer(
            endpoints: [try endpoint(identity)],
            handler: { request in
                switch request.path {
                case "/file": HTTPResponse(.ok, body: .file(path: path))
                case "/memory": HTTPResponse(.ok, body: .bytes(bytes))
                case "/echo":
                    HTTPResponse(
                        .ok,
                        body: .stream(length: nil) { writer in
                            while let piece = try await request.body.next() { try await writer.write(piece) }
                        })
                default: HTTPResponse(.ok, body: .bytes(Array("hello".utf8)))
                }
            }
        ) { fixture in
            let socket = try await StreamSocket.connecting(to: fixture.addresses[0], on: fixture.loops.next())
            let context = try TLSContext.client(authorities: identity.certificates, maximum: version)
            let client = TLSClient(socket, try TLSSession(context, host: "localhost"))
            try await client.shakeHands()
            for _ in 0..<3 {
                try await client.send(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                #expect(try await client.read(until: "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            for path in ["/file", "/memory"] {
                try await client.send(Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                _ = try await client.read(until: "\r\n\r\n")
                #expect(difference(try await client.read(count: bytes.count), bytes) == nil)
            }
            let small = Array(bytes.prefix(50_000))
            try await client.send(
                Array("POST /echo HTTP/1.0\r\nContent-Length: \(small.count)\r\n\r\n".utf8) + small)
            _ = try await client.read(until: "\r\n\r\n")
            #expect(difference(try await client.read(count: small.count), small) == nil)
            // The end is told by an alert, so that it is known to be the end.
            #expect(try await client.readsProperEnd())
            await client.close()
        }
    }

    @Test func `a client that speaks plain HTTP, or stalls in the handshake, is let go`() async throws {
        try await withServer(
            endpoints: [try endpoint(certificates.make("plain"))],
            configure: { $0.timeouts.head = .seconds(60) }, handler: { _ in HTTPResponse(.ok) }
        ) { fixture in
            let plain = try await fixture.connect()
            try await plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!(try await plain.readToEnd()).contains("200"))
            #expect(try await fixture.reports(1).contains { $0.contains("http request") })
            await plain.close()
        }
        try await withServer(
            endpoints: [try endpoint(certificates.make("silent"))],
            configure: { $0.timeouts.head = .milliseconds(50) }, handler: { _ in HTTPResponse(.ok) }
        ) { fixture in
            let silent = try await fixture.connect()
            #expect(try await silent.isAtEnd())
            await silent.close()
        }
    }
}

/// A client through TLS.
private final class TLSClient {
    private let socket: StreamSocket
    private var session: TLSSession
    private var encrypted: [UInt8] = []
    private var plain: [UInt8] = []
    private var isEnded = false

    init(_ socket: StreamSocket, _ session: consuming TLSSession) {
        self.socket = socket
        self.session = session
    }

    func shakeHands() async throws {
        while true {
            var output = [UInt8](repeating: 0, count: 1 << 15)
            let input = encrypted
            let step = try {
                var span = output.mutableSpan
                var room = span.mutableBytes
                return try session.handshake(input.span.bytes, output: &room)
            }()
            encrypted.removeFirst(step.consumed)
            try await socket.write(Array(output[..<step.produced]))
            if step.isFinished { return }
            encrypted += try await socket.read() ?? []
        }
    }

    func send(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            var output = [UInt8](repeating: 0, count: 1 << 15)
            let piece = Array(bytes[sent..<min(bytes.count, sent + 16000)])
            let step = try {
                var span = output.mutableSpan
                var room = span.mutableBytes
                return try session.seal(piece.span.bytes, into: &room)
            }()
            sent += step.plaintext
            try await socket.write(Array(output[..<step.produced]))
        }
    }

    func read(until mark: String) async throws -> String {
        while true {
            for (index, _) in plain.enumerated() where plain[index...].starts(with: mark.utf8) {
                defer { plain.removeFirst(index + mark.utf8.count) }
                return String(decoding: plain[..<(index + mark.utf8.count)], as: UTF8.self)
            }
            try await fill()
        }
    }

    func read(count: Int) async throws -> [UInt8] {
        while plain.count < count { try await fill() }
        defer { plain.removeFirst(count) }
        return Array(plain[..<count])
    }

    func readsProperEnd() async throws -> Bool {
        while !isEnded {
            do { try await fill() } catch { return isEnded }
        }
        return plain.isEmpty
    }

    func close() async { await socket.close() }

    private func fill() async throws {
        while true {
            var output = [UInt8](repeating: 0, count: 1 << 15)
            var answer = [UInt8](repeating: 0, count: 1 << 12)
            let input = encrypted
            let step = try {
                var span = output.mutableSpan
                var room = span.mutableBytes
                var answerSpan = answer.mutableSpan
                var answerRoom = answerSpan.mutableBytes
                return try session.open(input.span.bytes, into: &room, output: &answerRoom)
            }()
            encrypted.removeFirst(step.consumed)
            plain += output[..<step.plaintext]
            if step.isFinished { isEnded = true }
            if step.plaintext > 0 || step.isFinished { return }
            guard let more = try await socket.read() else {
                throw ApolloError(.unavailable, "the server closed the connection")
            }
            encrypted += more
        }
    }
}

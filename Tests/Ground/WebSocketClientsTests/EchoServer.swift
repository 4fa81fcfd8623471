import Concurrency
import Core
import EventLoops
import HTTPModel
import HTTPRouting
import HTTPServers
import Synchronization
import TLS
import WebSocketClients
import WebSockets

/// A value that tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }
    func update(_ change: @Sendable (inout Value) -> Void) { state.withLock { change(&$0) } }
}

/// A server that gives every request to `body` as a WebSocket, and a client for it.
struct Fixture: Sendable {
    let server: HTTPServer
    let address: SocketAddress
    let loops: EventLoopGroup
    let reported: Shared<[String]>

    func client(_ configuration: WebSocket.Configuration = WebSocket.Configuration()) -> WebSocketClient {
        WebSocketClient(on: loops.next(), clock: LiveClock(), configuration)
    }

    /// A connection whose bytes the test writes and reads itself, right after the handshake.
    func raw(_ target: String = "/", behind: [UInt8] = []) async throws -> StreamSocket {
        let socket = try await StreamSocket.connecting(to: address, on: loops.next())
        let head =
            "GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        try await socket.write(Array(head.utf8) + behind)
        var answer = ""
        // Byte by byte, so that nothing behind the head is taken.
        while !answer.hasSuffix("\r\n\r\n") {
            guard let piece = try await socket.read(upTo: 1, within: .seconds(40)) else { break }
            answer += String(decoding: piece, as: UTF8.self)
        }
        guard answer.hasPrefix("HTTP/1.1 101 ") else { throw ApolloError(.invalid, "no switch: \(answer)") }
        return socket
    }
}

/// Runs `test` within a minute.
func withServer(
    _ configuration: WebSocket.Configuration = WebSocket.Configuration(), certificate: TLSCertificate? = nil,
    serving body: @escaping WebSocketSession.Body, _ test: @escaping @Sendable (Fixture) async throws -> Void
) async throws {
    let serverLoops = try EventLoopGroup(count: 1, name: "server")
    let clientLoops = try EventLoopGroup(count: 1, name: "client")
    let reported = Shared<[String]>([])
    let server = HTTPServer(
        configuration: HTTPServerConfiguration(
            endpoints: [.init(.tcp(host: "127.0.0.1", port: 0), certificate: certificate)],
            environment: .live,
            report: { event in reported.update { $0.append("\(event)") } })
    ) { request in
        let handshake = WebSocketHandshake(subprotocols: ["echo"])
        do throws(HTTPProblem) {
            return try request.webSocket(handshake, configuration, clock: LiveClock(), body)
        } catch {
            return error.response(requestID: "test")
        }
    }
    let result: Result<Void, any Error>
    do {
        let address = try await server.start(on: serverLoops)[0]
        let fixture = Fixture(server: server, address: address, loops: clientLoops, reported: reported)
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "the test") { try await test(fixture) }
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await server.shutdown(deadline: .zero)
    await clientLoops.stop(within: .seconds(1))
    await serverLoops.stop(within: .seconds(1))
    try result.get()
}

/// Sends back what it gets.
@Sendable func echo(_ socket: WebSocket) async throws {
    while let message = try await socket.receive() { try await socket.send(message) }
}

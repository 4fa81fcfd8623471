public import Core
import Cryptography
public import EventLoops
public import HTTPModel
public import TLS
public import WebSockets

/// Opens WebSockets from this side.
public struct WebSocketClient: Sendable {
    /// Where to, and as whom.
    public struct Request: Sendable {
        public var address: SocketAddress
        /// The name in `Host`, and in the server's certificate; nil for the address.
        public var host: String?
        /// The path and the query, such as `/api/v1/tasks/web/logs?follow=true`.
        public var target: String
        /// Besides those of the handshake: `Authorization`, `Origin`.
        public var fields: HTTPFields
        public var subprotocols: [String]
        /// Whom to trust; nil for no TLS.
        public var tls: TLSContext?
        /// For the connection, TLS and the handshake together.
        public var timeout: Duration
        /// What is thrown where the server answers with another status, of that and the answer's body; nil for an error of ours.
        public var refusal: (@Sendable (_ status: Int, _ body: [UInt8]) -> any Error)?

        public init(
            _ address: SocketAddress, target: String, host: String? = nil, fields: HTTPFields = HTTPFields(),
            subprotocols: [String] = [], tls: TLSContext? = nil, timeout: Duration = .seconds(30)
        ) {
            self.address = address
            self.host = host
            self.target = target
            self.fields = fields
            self.subprotocols = subprotocols
            self.tls = tls
            self.timeout = timeout
        }
    }

    private let loop: EventLoop
    private let clock: any MonotonicClock
    private let configuration: WebSocket.Configuration

    public init(
        on loop: EventLoop, clock: any MonotonicClock,
        _ configuration: WebSocket.Configuration = WebSocket.Configuration()
    ) {
        self.loop = loop
        self.clock = clock
        self.configuration = configuration
    }

    /// Connects, runs `body` with the connection, closes it, and returns how it ended. Throws ``ApolloError`` where the server does
    /// not switch to WebSocket, with what it said.
    @discardableResult
    public func connect(_ request: Request, _ body: @escaping WebSocketSession.Body) async throws
        -> WebSocketEnding
    {
        let deadline = clock.now.advanced(by: request.timeout)
        let socket = try await StreamSocket.connecting(to: request.address, on: loop, within: request.timeout)
        let stream = ClientStream(socket, clock: clock)
        do {
            if let context = request.tls {
                let host = request.host ?? Self.host(of: request.address)
                try await stream.secure(try TLSSession(context, host: host), before: deadline)
            }
            try await shakeHands(request, stream, deadline)
            let ending = try await WebSocketSession(
                over: stream, role: .client, configuration, clock: clock, mask: Self.mask
            ).run(body)
            await socket.close()
            return ending
        } catch {
            await socket.close()
            throw error
        }
    }

    private static func host(of address: SocketAddress) -> String {
        switch address {
        case .tcp(let host, _): host
        case .unix: "localhost"
        }
    }

    @Sendable private static func mask() -> WebSocketMask? { WebSocketMask(key: SecureMask.next()) }

    private func shakeHands(_ request: Request, _ stream: ClientStream, _ deadline: MonotonicInstant)
        async throws
    {
        let key = Base64.encode(try SecureRandom.bytes(16))
        var host = request.host ?? "localhost"
        if request.host == nil, case .tcp = request.address { host = "\(request.address)" }
        var text =
            "GET \(request.target) HTTP/1.1\r\nHost: \(host)\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        text += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n"
        if !request.subprotocols.isEmpty {
            text += "Sec-WebSocket-Protocol: \(request.subprotocols.joined(separator: ", "))\r\n"
        }
        for field in request.fields.lines { text += "\(field.name): \(field.value)\r\n" }
        let head = Array(text.utf8)
        guard !head.contains(where: { $0 == 0 }),
            text.split(separator: "\r\n").allSatisfy({ !$0.contains("\n") && !$0.contains("\r") })
        else { throw ApolloError(.invalid, "a field of the request has a line's end in it") }
        try await stream.write(head + [13, 10])
        let answer = try await stream.readHead(before: deadline)
        if let refusal = request.refusal, let (status, length) = ResponseCheck.refusal(in: answer) {
            throw refusal(status, try await stream.readBody(of: length, before: deadline))
        }
        try ResponseCheck(key: key, subprotocols: request.subprotocols).check(answer)
    }
}

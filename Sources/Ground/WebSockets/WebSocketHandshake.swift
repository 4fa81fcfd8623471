public import Core
import Cryptography
public import HTTPModel
public import HTTPRouting

/// The opening handshake (RFC 6455, section 4), without input or output.
public struct WebSocketHandshake: Hashable, Sendable {
    /// The subprotocols spoken, if any.
    public var subprotocols: [String]
    /// Origins of pages that may connect besides those of this server itself, such as `https://console.example.org`.
    public var origins: [String]

    public init(subprotocols: [String] = [], origins: [String] = []) {
        self.subprotocols = subprotocols
        self.origins = origins
    }

    /// What was agreed on.
    public struct Agreement: Hashable, Sendable {
        public var fields: HTTPFields
        /// The first of the client's subprotocols that is spoken here.
        public var subprotocol: String?
    }

    /// Whether `request` asks for a WebSocket, rightly or not.
    public static func isWanted(by request: HTTPRequest) -> Bool {
        tokens("Upgrade", of: request).contains { HTTPFields.isSame($0, "websocket") }
    }

    /// The fields of the 101, or a problem that says what is wrong with the request.
    public func accept(_ request: HTTPRequest) throws(HTTPProblem) -> Agreement {
        guard request.method == .get else { throw Self.wrong("a WebSocket is asked for with GET") }
        guard Self.tokens("Connection", of: request).contains(where: { HTTPFields.isSame($0, "upgrade") })
        else {
            throw Self.wrong("the upgrade is not named in Connection")
        }
        guard request.fields.values("Sec-WebSocket-Version") == ["13"] else {
            throw HTTPProblem(
                426, .invalid, "only version 13 of WebSocket is spoken here",
                hint: "send 'Sec-WebSocket-Version: 13'",
                fields: HTTPFields(["Sec-WebSocket-Version": "13", "Upgrade": "websocket"]))
        }
        let keys = request.fields.values("Sec-WebSocket-Key")
        guard keys.count == 1, Base64.decode(keys[0])?.count == 16 else {
            throw Self.wrong("Sec-WebSocket-Key is not 16 bytes in base 64")
        }
        try checkOrigin(request)
        var agreement = Agreement(
            fields: HTTPFields(["Upgrade": "websocket", "Sec-WebSocket-Accept": Self.answer(to: keys[0])]))
        let offered = Self.tokens("Sec-WebSocket-Protocol", of: request)
        if let chosen = offered.first(where: { subprotocols.contains($0) }) {
            agreement.subprotocol = chosen
            agreement.fields.append(name: "Sec-WebSocket-Protocol", value: chosen)
        }
        return agreement
    }

    /// What a server answers to a client's key.
    public static func answer(to key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    /// A page of another server can make its visitor's browser connect to this one, and no browser asks whether it may: what
    /// comes from a page must come from one of ours. Programs send no Origin.
    private func checkOrigin(_ request: HTTPRequest) throws(HTTPProblem) {
        let sent = request.fields.values("Origin")
        guard !sent.isEmpty else { return }
        let host = request.fields["Host"] ?? ""
        let isOwn = ["http://", "https://"].contains { HTTPFields.isSame(sent[0], $0 + host) }
        let isKnown = origins.contains { HTTPFields.isSame(sent[0], $0) }
        guard sent.count == 1, isOwn || isKnown else {
            throw HTTPProblem(
                .forbidden, .denied, "pages of '\(sent[0].prefix(256))' may not connect here",
                hint: "connect from a page of this server, or from a program, which sends no Origin")
        }
    }

    private static func wrong(_ detail: String) -> HTTPProblem {
        HTTPProblem(.badRequest, .invalid, detail, hint: "RFC 6455, section 4.1, has what a client sends")
    }

    private static func tokens(_ name: String, of request: HTTPRequest) -> [String] {
        request.fields.values(name).flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ",")).map { part in
                let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
                return String(
                    decoding: part.drop(while: isBlank).reversed().drop(while: isBlank).reversed(),
                    as: UTF8.self)
            }
        }
    }
}

extension HTTPRequest {
    /// Answers with a WebSocket, which `body` then uses; or throws the problem that the request has.
    public func webSocket(
        _ handshake: WebSocketHandshake = WebSocketHandshake(),
        _ configuration: WebSocket.Configuration = WebSocket.Configuration(), clock: any MonotonicClock,
        _ body: @escaping WebSocketSession.Body
    ) throws(HTTPProblem) -> HTTPResponse {
        let agreement = try handshake.accept(self)
        return HTTPResponse(
            101, fields: agreement.fields,
            body: .upgrade { stream in
                _ = try await WebSocketSession(over: stream, role: .server, configuration, clock: clock).run(
                    body)
            })
    }
}

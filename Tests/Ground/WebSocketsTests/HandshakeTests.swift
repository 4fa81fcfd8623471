import HTTPModel
import HTTPRouting
import Testing

@testable import WebSockets

struct HandshakeTests {
    /// The request of RFC 6455, section 1.3, from a page of the server itself.
    private func request(_ change: (inout HTTPFields) -> Void = { _ in }) -> HTTPRequest {
        var fields = HTTPFields([
            "Host": "server.example.com", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://server.example.com",
            "Sec-WebSocket-Protocol": "chat, superchat", "Sec-WebSocket-Version": "13",
        ])
        change(&fields)
        return HTTPRequest(method: .get, target: "/chat", fields: fields)
    }

    private func problem(
        _ handshake: WebSocketHandshake = WebSocketHandshake(), _ change: (inout HTTPFields) -> Void
    ) -> HTTPProblem? {
        do throws(HTTPProblem) {
            _ = try handshake.accept(request(change))
            return nil
        } catch { return error }
    }

    @Test func `the example of the RFC is answered as it stands there`() throws {
        let agreement = try WebSocketHandshake(subprotocols: ["chat"]).accept(request())
        #expect(agreement.fields["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(agreement.fields["Upgrade"] == "websocket")
        #expect(agreement.subprotocol == "chat")
        #expect(agreement.fields["Sec-WebSocket-Protocol"] == "chat")
        #expect(WebSocketHandshake.isWanted(by: request()))
        #expect(!WebSocketHandshake.isWanted(by: request { $0["Upgrade"] = "h2c" }))
    }

    @Test func `the client's first subprotocol that is spoken is taken, or none`() throws {
        let both = try WebSocketHandshake(subprotocols: ["superchat", "chat"]).accept(request())
        #expect(both.subprotocol == "chat")
        let none = try WebSocketHandshake(subprotocols: ["other"]).accept(request())
        #expect(none.subprotocol == nil)
        #expect(!none.fields.contains("Sec-WebSocket-Protocol"))
    }

    @Test func `another version is a 426 that names ours`() {
        for version in [nil, "8", "14", "13, 13"] as [String?] {
            let problem = problem { $0["Sec-WebSocket-Version"] = version }
            #expect(problem?.status == 426)
            #expect(problem?.fields["Sec-WebSocket-Version"] == "13")
        }
    }

    @Test(arguments: [
        "", "AAAA", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25jZ-_=", "dGhlIHNhbXBsZSBub25jZQ== ", "dGhlIHNhbXBsZSBub25jZTEyMw==",
    ])
    func `a key that is not 16 bytes in base 64 is refused`(key: String) {
        #expect(problem { $0["Sec-WebSocket-Key"] = key }?.status == 400)
    }

    @Test func `what is no upgrade is refused`() {
        #expect(problem { $0["Connection"] = "keep-alive" }?.status == 400)
        #expect(problem { $0["Sec-WebSocket-Key"] = nil }?.status == 400)
        #expect(
            problem { $0.append(name: "Sec-WebSocket-Key", value: "dGhlIHNhbXBsZSBub25jZQ==") }?.status == 400
        )
    }

    @Test func `pages of other servers may not connect, programs and own pages may`() {
        for origin in [
            "http://evil.example", "null", "http://server.example.com.evil.example", "server.example.com", "",
        ] {
            #expect(problem { $0["Origin"] = origin }?.status == 403, "\(origin)")
        }
        for origin in [nil, "http://server.example.com", "https://Server.Example.com"] as [String?] {
            #expect(problem { $0["Origin"] = origin } == nil)
        }
        let allowing = WebSocketHandshake(origins: ["https://console.example.org"])
        #expect(problem(allowing) { $0["Origin"] = "https://console.example.org" } == nil)
        #expect(problem { $0.append(name: "Origin", value: "http://evil.example") }?.status == 403)
    }
}

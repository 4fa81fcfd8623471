import Core
import HTTPModel
import WebSockets

/// Whether a server has really switched to the WebSocket that was asked for (RFC 6455, section 4.1).
struct ResponseCheck {
    let key: String
    let subprotocols: [String]

    /// - Parameter head: all up to the empty line.
    func check(_ head: [UInt8]) throws(ApolloError) {
        guard let text = String(validating: head, as: UTF8.self) else {
            throw ApolloError(.unavailable, "the server's answer is no HTTP")
        }
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty, lines[0].hasPrefix("HTTP/1.1 ") else {
            throw ApolloError(.unavailable, "the server's answer is no HTTP/1.1")
        }
        let status = lines.removeFirst().dropFirst("HTTP/1.1 ".count)
        guard status.hasPrefix("101") else {
            throw ApolloError(
                Self.kind(of: Int(status.prefix(3)) ?? 0),
                "the server does not switch to WebSocket, it says '\(status)'")
        }
        var fields = HTTPFields()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw ApolloError(.unavailable, "the server's answer is no HTTP") }
            fields.append(name: String(parts[0]), value: String(parts[1].drop { $0 == " " }))
        }
        guard HTTPFields.isSame(fields["Upgrade"] ?? "", "websocket"),
            HTTPFields.isSame(fields["Connection"] ?? "", "upgrade"),
            fields.values("Sec-WebSocket-Accept") == [WebSocketHandshake.answer(to: key)],
            !fields.contains("Sec-WebSocket-Extensions")
        else { throw ApolloError(.unavailable, "the server switches, but not to the WebSocket asked for") }
        if let chosen = fields["Sec-WebSocket-Protocol"], !subprotocols.contains(chosen) {
            throw ApolloError(
                .unavailable, "the server chose the subprotocol '\(chosen)', which was not offered")
        }
    }

    /// The status of an answer that switches to nothing, and the length of its body; nil for one that switches or is no HTTP.
    static func refusal(in head: [UInt8]) -> (status: Int, length: Int)? {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "),
            let status = Int(first.dropFirst("HTTP/1.1 ".count).prefix(3)), status != 101
        else { return nil }
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, HTTPFields.isSame(String(parts[0]), "Content-Length"),
                let length = Int(parts[1].drop { $0 == " " })
            {
                return (status, length)
            }
        }
        return (status, 0)
    }

    private static func kind(of status: Int) -> ErrorKind {
        switch status {
        case 401: .unauthenticated
        case 403: .denied
        case 404: .notFound
        case 400..<500: .invalid
        default: .unavailable
        }
    }
}

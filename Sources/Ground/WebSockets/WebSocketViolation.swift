/// What a peer sent that it must not, and the code that the connection ends with.
public struct WebSocketViolation: Error, Hashable, Sendable {
    public var code: WebSocketCloseCode
    /// What is wrong, as the peer is told.
    public var reason: String

    init(_ code: WebSocketCloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    static func malformed(_ reason: String) -> WebSocketViolation {
        WebSocketViolation(.protocolError, reason)
    }
}

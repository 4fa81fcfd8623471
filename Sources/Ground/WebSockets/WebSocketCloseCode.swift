/// Why a connection ends (RFC 6455, section 7.4).
public struct WebSocketCloseCode: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// What it was for is done.
    public static let normal = WebSocketCloseCode(rawValue: 1000)
    /// The server stops, or the page was left.
    public static let goingAway = WebSocketCloseCode(rawValue: 1001)
    public static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A kind of message that is not taken.
    public static let unsupported = WebSocketCloseCode(rawValue: 1003)
    /// A text that is not UTF-8.
    public static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
    public static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    public static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// The server failed.
    public static let internalError = WebSocketCloseCode(rawValue: 1011)

    /// Whether a close frame may carry it: 1004 to 1006 and 1015 only stand in interfaces, the rest of what is below 3000 belongs
    /// to the registry, 4000 to 4999 to applications.
    public var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    public var description: String { String(rawValue) }
}

/// What a close frame says.
public struct WebSocketClose: Hashable, Sendable {
    /// Nil where the frame names none.
    public var code: WebSocketCloseCode?
    /// For people; at most 123 bytes are sent.
    public var reason: String

    public init(_ code: WebSocketCloseCode? = nil, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// The payload of its frame. A reason that is too long is cut at a character.
    var payload: [UInt8] {
        guard let code else { return [] }
        var text = reason
        while text.utf8.count > WebSocketFrame.controlBytes - 2 { text.removeLast() }
        return [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)] + Array(text.utf8)
    }
}

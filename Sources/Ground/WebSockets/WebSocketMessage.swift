/// What an application sends and receives.
public enum WebSocketMessage: Hashable, Sendable {
    case text(String)
    case binary([UInt8])

    /// The single frame it is sent in.
    var frame: WebSocketFrame {
        switch self {
        case .text(let text): WebSocketFrame(.text, Array(text.utf8))
        case .binary(let bytes): WebSocketFrame(.binary, bytes)
        }
    }
}

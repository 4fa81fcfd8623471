/// What stands before a frame's payload.
struct WebSocketFrameHead {
    var opcode: WebSocketFrame.Opcode
    var isFinal: Bool
    var length: Int
    var mask: WebSocketMask?

    /// Reads a head, and how long it is; nil while it is not whole. Whatever can be refused is, by its first wrong byte.
    static func read(
        _ bytes: ArraySlice<UInt8>, from role: WebSocketRole
    ) throws(WebSocketViolation) -> (head: WebSocketFrameHead, size: Int)? {
        let start = bytes.startIndex
        guard let first = bytes.first else { return nil }
        guard first & 0x70 == 0 else {
            throw .malformed("a reserved bit is set, and no extension was agreed on")
        }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else {
            throw .malformed("the opcode \(first & 0x0F) is reserved")
        }
        let isFinal = first & 0x80 != 0
        guard isFinal || !opcode.isControl else { throw .malformed("a control frame is fragmented") }
        guard bytes.count > 1 else { return nil }
        let second = bytes[start + 1]
        guard (second & 0x80 != 0) == (role == .client) else {
            throw .malformed(
                role == .client ? "a frame of a client is not masked" : "a frame of a server is masked")
        }
        let short = Int(second & 0x7F)
        guard !opcode.isControl || short <= WebSocketFrame.controlBytes else {
            throw .malformed("a control frame is longer than \(WebSocketFrame.controlBytes) bytes")
        }
        let extended = short == 126 ? 2 : short == 127 ? 8 : 0
        guard bytes.count >= 2 + extended else { return nil }
        var length: UInt64 = extended == 0 ? UInt64(short) : 0
        for index in 0..<extended { length = length << 8 | UInt64(bytes[start + 2 + index]) }
        guard extended != 2 || length > 125, extended != 8 || length > 0xFFFF else {
            throw .malformed("a length takes more bytes than it needs")
        }
        guard length <= UInt64(Int.max) else { throw .malformed("a length has its highest bit set") }
        let size = 2 + extended + (role == .client ? 4 : 0)
        guard bytes.count >= size else { return nil }
        var mask: WebSocketMask?
        if role == .client {
            var key: UInt32 = 0
            for index in 0..<4 { key |= UInt32(bytes[start + 2 + extended + index]) << UInt32(8 * index) }
            mask = WebSocketMask(key: key)
        }
        let head = WebSocketFrameHead(opcode: opcode, isFinal: isFinal, length: Int(length), mask: mask)
        return (head, size)
    }
}

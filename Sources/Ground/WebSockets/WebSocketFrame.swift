/// One frame (RFC 6455, section 5.2).
public struct WebSocketFrame: Hashable, Sendable {
    public enum Opcode: UInt8, Hashable, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        public var isControl: Bool { rawValue >= 8 }
    }

    /// The most bytes of a control frame's payload.
    public static let controlBytes = 125

    public var opcode: Opcode
    /// Whether it is the last of its message.
    public var isFinal: Bool
    public var payload: [UInt8]

    public init(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
    }

    /// The frame as it is sent; a client masks it, a server does not.
    public func bytes(mask: WebSocketMask? = nil) -> [UInt8] {
        let count = payload.count
        return [UInt8](unsafeUninitializedCapacity: count + 14) { buffer, initialized in
            var end = 0
            func put(_ byte: UInt8) {
                buffer[end] = byte
                end += 1
            }
            put((isFinal ? 0x80 : 0) | opcode.rawValue)
            let masked: UInt8 = mask == nil ? 0 : 0x80
            switch count {
            case ..<126: put(masked | UInt8(count))
            case ..<0x10000:
                put(masked | 126)
                for shift in [8, 0] { put(UInt8(truncatingIfNeeded: count >> shift)) }
            default:
                put(masked | 127)
                for shift in stride(from: 56, through: 0, by: -8) {
                    put(UInt8(truncatingIfNeeded: count >> shift))
                }
            }
            if let mask {
                for shift: UInt32 in [0, 8, 16, 24] { put(UInt8(truncatingIfNeeded: mask.key >> shift)) }
            }
            let body = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(buffer)[end..<end + count])
            payload.withUnsafeBytes { body.copyMemory(from: $0) }
            mask?.apply(to: body)
            initialized = end + count
        }
    }
}

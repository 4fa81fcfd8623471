/// How messages of one type become bytes, and bytes messages.
///
/// On streams with heartbeats a message may not be one byte of zero (``RPCHeartbeat``), which no message of protocol buffers is.
public struct RPCCodec<Message: Sendable>: Sendable {
    public let encode: @Sendable (Message) throws -> [UInt8]
    public let decode: @Sendable ([UInt8]) throws -> Message

    public init(
        encode: @escaping @Sendable (Message) throws -> [UInt8],
        decode: @escaping @Sendable ([UInt8]) throws -> Message
    ) {
        self.encode = encode
        self.decode = decode
    }
}

extension RPCCodec<[UInt8]> {
    /// Bytes as they are.
    public static var bytes: RPCCodec { RPCCodec(encode: { $0 }, decode: { $0 }) }
}

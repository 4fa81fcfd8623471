/// Cuts a stream of bytes into messages: each has its length before it, in four bytes, the most significant first.
///
/// A pure value for bytes from outside: nothing is allocated for a length that was only announced.
public struct FrameDecoder: Sendable {
    public enum Failure: Error, Hashable, Sendable {
        /// The length of a message is above the limit. The stream is of no use any more.
        case tooLong(Int, limit: Int)
    }

    /// The longest message, in bytes.
    public let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0

    public init(limit: Int) {
        precondition(limit > 0 && limit <= Int(UInt32.max))
        self.limit = limit
    }

    /// The bytes that wait for the rest of their message.
    public var pending: Int { buffer.count - start }

    /// Takes bytes in; call ``next()`` until it returns nil before the next ones.
    public mutating func append(_ bytes: [UInt8]) {
        if start == buffer.count {
            buffer = bytes
            start = 0
            return
        }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole message, or nil if there is none yet.
    public mutating func next() throws(Failure) -> [UInt8]? {
        guard pending >= 4 else { return nil }
        let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else { throw .tooLong(length, limit: limit) }
        guard pending >= 4 + length else { return nil }
        let message = Array(buffer[start + 4..<start + 4 + length])
        start += 4 + length
        return message
    }

    /// A message with its length before it.
    public static func encode(_ message: [UInt8]) -> [UInt8] {
        let length = UInt32(message.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + message.count)
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> shift))
        }
        bytes += message
        return bytes
    }
}

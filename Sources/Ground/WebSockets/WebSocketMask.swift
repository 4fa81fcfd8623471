/// What every byte from a client is combined with (RFC 6455, section 5.3), so that no proxy takes the bytes for a request.
public struct WebSocketMask: Hashable, Sendable {
    /// The four bytes in the order they are sent, the first in the lowest bits.
    public var key: UInt32

    public init(key: UInt32) { self.key = key }

    /// Combines `bytes`, the first of which is byte number `offset` of its frame's payload. Twice changes nothing.
    ///
    /// Eight bytes at a time, wherever they lie: the key repeats every four.
    public func apply(to bytes: UnsafeMutableRawBufferPointer, offset: Int = 0) {
        let turn = UInt32(offset & 3) * 8
        let turned = turn == 0 ? key : key >> turn | key << (32 - turn)
        let wide = UInt64(turned) | UInt64(turned) << 32
        let whole = bytes.count & ~7
        var at = 0
        while at < whole {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            bytes.storeBytes(of: word ^ UInt64(littleEndian: wide), toByteOffset: at, as: UInt64.self)
            at += 8
        }
        while at < bytes.count {
            bytes[at] ^= UInt8(truncatingIfNeeded: turned >> (UInt32(at & 3) * 8))
            at += 1
        }
    }
}

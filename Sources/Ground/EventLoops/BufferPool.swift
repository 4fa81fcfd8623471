/// The spare read buffers of one loop: a connection that waits holds none. Whoever takes one gives it back, on the loop.
package struct BufferPool {
    package static let capacity = 16 << 10
    /// 4 MiB are kept at most.
    private static let spareLimit = 256

    private var spare: [UnsafeMutableRawBufferPointer] = []

    package mutating func take() -> UnsafeMutableRawBufferPointer {
        spare.popLast() ?? .allocate(byteCount: Self.capacity, alignment: 64)
    }

    /// Takes back a buffer, or one of another size, which is freed.
    package mutating func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
        if buffer.count == Self.capacity, spare.count < Self.spareLimit {
            spare.append(buffer)
        } else {
            buffer.deallocate()
        }
    }

    mutating func removeAll() {
        for buffer in spare { buffer.deallocate() }
        spare = []
    }
}

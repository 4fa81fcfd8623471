/// Memory for one read. Whoever takes one gives it back, so that a connection that waits holds none.
package struct LoopBuffer: ~Copyable {
    package let bytes: UnsafeMutableRawBufferPointer

    package init(capacity: Int) {
        bytes = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { bytes.deallocate() }

    fileprivate consuming func leak() -> UnsafeMutableRawBufferPointer {
        let bytes = self.bytes
        discard self
        return bytes
    }

    fileprivate init(adopting bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }
}

/// The spare buffers of one loop.
package struct BufferPool {
    package static let capacity = 16 << 10
    /// 4 MiB are kept at most.
    private static let spareLimit = 256

    private var spare: [UnsafeMutableRawBufferPointer] = []

    package mutating func take() -> LoopBuffer {
        if let bytes = spare.popLast() { return LoopBuffer(adopting: bytes) }
        return LoopBuffer(capacity: Self.capacity)
    }

    package mutating func giveBack(_ buffer: consuming LoopBuffer) {
        guard buffer.bytes.count == Self.capacity, spare.count < Self.spareLimit else { return }
        spare.append(buffer.leak())
    }

    mutating func removeAll() {
        for bytes in spare { bytes.deallocate() }
        spare = []
    }
}

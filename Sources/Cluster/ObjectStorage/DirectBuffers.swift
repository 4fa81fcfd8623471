import Glibc
import Synchronization

/// Memory that the kernel can write to a disk from where it is (open(2), O_DIRECT): blocks of a file that begin at a page, two of them in
/// one large page, which costs the kernel one look where small ones cost it hundreds.
///
/// As many are in use as threads write at once, and few more are kept.
final class DirectBuffers: Sendable {
    /// What begins and ends at multiples of it is written from where it is.
    static let alignment = 4096
    private static let slabBytes = 2 << 20
    private static let perSlab = slabBytes / BlobFile.blockBytes

    /// Two blocks, and which of them are free.
    private struct Slab {
        let address: UInt
        var free: [UInt]
    }

    private let slabs = Mutex<[Slab]>([])
    private let spare: Int

    /// - Parameter spare: how many slabs of ``slabBytes`` are kept that nobody uses.
    init(spare: Int = 4) { self.spare = spare }

    deinit {
        for slab in slabs.withLock(\.self) { Self.free(slab.address) }
    }

    /// Lends `body` a block of ``BlobFile/blockBytes``; what it finds there is anything.
    func withBuffer<Value>(_ body: (UnsafeMutableRawBufferPointer) throws -> Value) rethrows -> Value {
        let address = take()
        defer { giveBack(address) }
        return try body(
            UnsafeMutableRawBufferPointer(
                start: UnsafeMutableRawPointer(bitPattern: address), count: BlobFile.blockBytes))
    }

    private func take() -> UInt {
        slabs.withLock { slabs in
            if let index = slabs.firstIndex(where: { !$0.free.isEmpty }) {
                return slabs[index].free.removeLast()
            }
            let address = Self.allocate()
            let blocks = (0..<Self.perSlab).map { address + UInt($0 * BlobFile.blockBytes) }
            slabs.append(Slab(address: address, free: blocks.dropLast()))
            return blocks[Self.perSlab - 1]
        }
    }

    private func giveBack(_ block: UInt) {
        let freed: UInt? = slabs.withLock { slabs in
            let address = block & ~UInt(Self.slabBytes - 1)
            guard let index = slabs.firstIndex(where: { $0.address == address }) else {
                preconditionFailure("a block that nobody lent came back")
            }
            slabs[index].free.append(block)
            guard slabs.filter({ $0.free.count == Self.perSlab }).count > spare else { return nil }
            slabs.remove(at: index)
            return address
        }
        if let freed { Self.free(freed) }
    }

    private static func allocate() -> UInt {
        guard let memory = aligned_alloc(slabBytes, slabBytes) else { preconditionFailure("out of memory") }
        // Where the system has no large pages small ones do.
        _ = madvise(memory, slabBytes, Int32(MADV_HUGEPAGE))
        return UInt(bitPattern: memory)
    }

    private static func free(_ address: UInt) { Glibc.free(UnsafeMutableRawPointer(bitPattern: address)) }
}

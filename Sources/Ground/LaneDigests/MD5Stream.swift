import CDigests
import Synchronization

/// The MD5 (RFC 1321) of one stream of bytes, which comes piece by piece, one at a time: here, or beside others by ``MD5Lanes``.
///
/// Broken (RFC 6151): only to notice accidents, where a protocol of old has it, as S3 has for the tags of objects.
public final class MD5Stream: Sendable {
    private let state = Mutex(MD5State())

    public init() {}

    /// Takes the next bytes, on this thread.
    public func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            state.withLock { state in
                let start = state.begin(bytes)
                let end = start + (bytes.count - start) / MD5State.blockBytes * MD5State.blockBytes
                var lane = cdigests_lane(state.words, bytes, start..<end)
                cdigests_md5(&lane, 1, 1)
                state.words = lane.state
                state.end(UnsafeRawBufferPointer(rebasing: bytes[end...]))
            }
        }
    }

    /// The digest of all that came, 16 bytes; more may come.
    public func digest() -> [UInt8] { state.withLock { $0.digest() } }

    /// For ``LaneRound``, which hashes what `body` leaves for it.
    func withState<Value: Sendable>(_ body: (inout MD5State) -> Value) -> Value {
        state.withLock { body(&$0) }
    }
}

/// Where a stream is: four words, and what does not fill a block yet.
struct MD5State: Sendable {
    static let blockBytes = 64

    var words: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476)
    private var count: UInt64 = 0
    private var pending: [UInt8] = []

    /// Fills the block that was begun. Returns how many bytes of `bytes` that took.
    mutating func begin(_ bytes: UnsafeRawBufferPointer) -> Int {
        count &+= UInt64(bytes.count)
        guard !pending.isEmpty else { return 0 }
        let taken = min(bytes.count, Self.blockBytes - pending.count)
        pending += bytes[..<taken]
        guard pending.count == Self.blockBytes else { return taken }
        hashPending()
        return taken
    }

    /// Keeps what follows the last whole block.
    mutating func end(_ rest: UnsafeRawBufferPointer) { pending += rest }

    func digest() -> [UInt8] {
        var last = self
        last.pending.append(0x80)
        if last.pending.count > Self.blockBytes - 8 { last.fill(to: Self.blockBytes) }
        last.fill(to: Self.blockBytes - 8)
        withUnsafeBytes(of: (count &* 8).littleEndian) { last.pending += $0 }
        last.hashPending()
        let (a, b, c, d) = last.words
        return [a, b, c, d].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    private mutating func fill(to size: Int) {
        pending += [UInt8](repeating: 0, count: size - pending.count)
        if pending.count == Self.blockBytes { hashPending() }
    }

    private mutating func hashPending() {
        words = pending.withUnsafeBytes { bytes in
            var lane = cdigests_lane(words, bytes, 0..<Self.blockBytes)
            cdigests_md5(&lane, 1, 1)
            return lane.state
        }
        pending.removeAll(keepingCapacity: true)
    }
}

extension cdigests_lane {
    /// - Parameter range: whole blocks, which have to stay where they are until they are hashed.
    init(
        _ words: (UInt32, UInt32, UInt32, UInt32), _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
    ) {
        let start = bytes.baseAddress.map { ($0 + range.lowerBound).assumingMemoryBound(to: UInt8.self) }
        self.init(state: words, bytes: start, blocks: range.count / MD5State.blockBytes)
    }
}

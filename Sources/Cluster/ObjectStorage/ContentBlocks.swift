import Synchronization

/// Puts bytes together to blocks as they are stored. Of a source that breaks off all that came is given.
final class ContentBlocks: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var failure: (any Error)?
        var isDone = false
    }

    private let size: Int
    private let source: @Sendable () async throws -> [UInt8]?
    private let state = Mutex(State())

    /// - Parameter source: gives bytes as they come, and nil at their end.
    init(of size: Int, _ source: @escaping @Sendable () async throws -> [UInt8]?) {
        self.size = size
        self.source = source
    }

    /// Whether nothing comes behind the blocks that were given.
    var isDone: Bool { state.withLock { $0.isDone && $0.rest.isEmpty } }

    /// The next block, the last of which is shorter; nil at the end. One call at a time.
    func next() async -> [UInt8]? {
        var (block, isDone) = state.withLock { state in
            defer { state.rest = [] }
            return (state.rest, state.isDone)
        }
        while block.count < size, !isDone {
            do {
                if let piece = try await source() {
                    Self.add(piece, to: &block, size)
                } else {
                    isDone = true
                }
            } catch {
                isDone = true
                state.withLock { $0.failure = error }
            }
        }
        let (end, rest) = (isDone, block.count > size ? Array(block[size...]) : [])
        state.withLock { state in
            state.isDone = end
            state.rest = rest
        }
        if !rest.isEmpty { block.removeLast(rest.count) }
        return block.isEmpty ? nil : block
    }

    /// What is short comes as one piece, and is no block's copy; what does not is likely to fill one.
    private static func add(_ piece: [UInt8], to block: inout [UInt8], _ size: Int) {
        guard !block.isEmpty else { return block = piece }
        block.reserveCapacity(size + (256 << 10))
        block += piece
    }

    /// Throws why the source broke off.
    func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}

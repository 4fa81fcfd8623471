import HTTPModel
import ObjectStorage
import Synchronization

/// Takes the body of a request in blocks as they are stored. Of a body that breaks off all that came is given.
final class BodyBlocks: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var failure: (any Error)?
        var isDone = false
    }

    private let body: any HTTPBodyReader
    private let state = Mutex(State())

    init(_ body: any HTTPBodyReader) { self.body = body }

    /// The next block, the last of which is shorter; nil at the end. One call at a time.
    func next() async -> [UInt8]? {
        let size = ObjectStore.blockBytes
        var (block, isDone) = state.withLock { state in
            defer { state.rest = [] }
            return (state.rest, state.isDone)
        }
        block.reserveCapacity(size + (256 << 10))
        while block.count < size, !isDone {
            do {
                if let piece = try await body.next() {
                    block += piece
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

    /// Throws why the body broke off.
    func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}

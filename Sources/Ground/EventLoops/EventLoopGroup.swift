import CApollo
import Core
import Synchronization

/// The loops of a process, one for each core unless told otherwise.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// Starts `count` loops; nil for as many as the process may use cores.
    public init(count: Int? = nil, name: String = "loop") throws {
        let count = max(1, count ?? Self.usableCores)
        var loops: [EventLoop] = []
        for index in 0..<count { loops.append(try EventLoop(name: "\(name)-\(index)")) }
        self.loops = loops
    }

    /// The cores that the process may use (`sched_getaffinity`), which in a container are fewer than the machine's.
    public static var usableCores: Int { Int(capollo_usable_cores()) }

    /// The loops in turn.
    public func next() -> EventLoop {
        loops[
            Int(bitPattern: UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue)) % loops.count]
    }

    /// Cancels every task of the loops, waits up to `limit` for their ends, and then ends the threads.
    ///
    /// Returns how many tasks had not ended by then; what is left of them runs on, one at a time, without descriptors and
    /// timers. Must not be called from one of the loops.
    @discardableResult
    public func stop(within limit: Duration = .seconds(10)) async -> Int {
        precondition(loops.allSatisfy { !$0.isCurrent }, "an event loop cannot wait for its own end")
        for loop in loops { loop.tasks.cancelAll() }
        for loop in loops {
            let latch = Latch()
            loop.tasks.whenEmpty(latch)
            loop.execute {
                _ = loop.schedule(at: loop.now + limit.inNanoseconds) { latch.open() }
            }
            await latch.wait()
        }
        let left = loops.reduce(0) { $0 + $1.tasks.count }
        for loop in loops { await loop.stop() }
        return left
    }
}

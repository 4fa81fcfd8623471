import Core
import Glibc
import Synchronization

/// The sleeping tasks of the process, woken by one thread.
///
/// `Task.sleep` keeps a cancelled sleep until its time has come and takes about 7 µs of CPU; deadlines are nearly always
/// cancelled. Here a sleep is two heap operations, and its cancellation removes it.
final class LiveTimers: Sendable {
    typealias Sleeper = UnsafeContinuation<Void, any Error>

    static let shared = LiveTimers()

    private struct State {
        var heap = TimerHeap<Sleeper>()
        var order: UInt64 = 0
        /// Until when the thread sleeps; what comes later need not wake it.
        var wakesAt = Int64.max
    }

    private let state = Mutex(State())
    private let wake = Semaphore()

    private init() {
        OSThread.start(name: "timers") { [self] in run() }
    }

    /// Returns when `CLOCK_MONOTONIC` reaches `deadline`, in nanoseconds.
    func sleep(until deadline: Int64) async throws {
        let token = state.withLock { $0.heap.reserve() }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { sleeper in
                let (wakesThread, isCancelled) = state.withLock { state in
                    // Asked under the lock: a cancellation that comes later finds the sleeper.
                    if Task.isCancelled {
                        state.heap.discard(token)
                        return (false, true)
                    }
                    state.order += 1
                    state.heap.insert(sleeper, deadline: deadline, order: state.order, token: token)
                    guard deadline < state.wakesAt else { return (false, false) }
                    state.wakesAt = deadline
                    return (true, false)
                }
                if isCancelled { sleeper.resume(throwing: CancellationError()) }
                if wakesThread { wake.signal() }
            }
        } onCancel: {
            state.withLock { $0.heap.remove(token) }?.resume(throwing: CancellationError())
        }
    }

    private func run() {
        while true {
            let now = LiveClock().now.nanoseconds
            // One at a time: the lock is not held while a task is handed to its executor.
            while let sleeper = state.withLock({ $0.heap.popFirst(notAfter: now) }) { sleeper.resume() }
            let deadline = state.withLock { state in
                state.wakesAt = state.heap.nextDeadline ?? .max
                return state.wakesAt
            }
            if deadline == .max { wake.wait() } else { wake.wait(until: deadline) }
        }
    }
}

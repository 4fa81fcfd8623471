package import Concurrency
package import Core
package import Databases
import Synchronization

/// Operations between the tasks that ask and the threads that do; bounded, first in first out.
package final class WorkQueue: Sendable {
    private struct State {
        var pending: [Operation] = []
        /// Where `pending` begins: what is before it was taken.
        var head = 0
        var sleepers = 0
        var isClosed = false
        /// What the threads run, by a number of its own, and since when.
        var running: [Int: (what: String, since: MonotonicInstant)] = [:]
        var begun = 0

        var count: Int { pending.count - head }
    }

    private let state = Mutex(State())
    private let wake = Semaphore()
    private let limit: Int
    private let name: String
    private let threadName: String
    private let threads: Int
    private let clock: any MonotonicClock

    /// A queue for at most `limit` operations; `name` is for messages: `writes`.
    package init(
        _ name: String, limit: Int, threads: Int, named threadName: String, clock: any MonotonicClock
    ) {
        self.name = name
        self.limit = limit
        self.threads = threads
        self.threadName = threadName
        self.clock = clock
        BlockingWork.register(self)
    }

    /// Runs `body` on the thread that calls, and says meanwhile what it is.
    package func running<Result>(
        _ what: @autoclosure () -> String, since now: MonotonicInstant, _ body: () -> Result
    )
        -> Result
    {
        let number = state.withLock { state in
            state.begun += 1
            state.running[state.begun] = (what(), now)
            return state.begun
        }
        defer { state.withLock { $0.running[number] = nil } }
        return body()
    }

    /// How many wait.
    package var count: Int { state.withLock { $0.count } }

    /// Adds `operation`, or throws `overloaded` or `closed`.
    package func push(_ operation: Operation) throws(DatabaseError) {
        let refusal: DatabaseError? = state.withLock { state in
            if state.isClosed { return DatabaseError(.closed, "the database is closed") }
            if state.count >= limit {
                return DatabaseError(
                    .overloaded, "the database has \(limit) \(name) waiting already", hint: "try again later")
            }
            state.pending.append(operation)
            if state.sleepers > 0 {
                state.sleepers -= 1
                wake.signal()
            }
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Waits for operations and takes at most `limit` of them; none once the queue is closed and empty.
    package func take(atMost limit: Int) -> [Operation] {
        while true {
            let taken: [Operation]? = state.withLock { state in
                if state.count > 0 { return Self.take(limit, from: &state) }
                if state.isClosed { return [] }
                state.sleepers += 1
                return nil
            }
            if let taken { return taken }
            wake.wait()
        }
    }

    /// Refuses what comes from now on, and lets the threads go once the rest is taken.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            for _ in 0..<state.sleepers { wake.signal() }
            state.sleepers = 0
        }
    }

    private static func take(_ limit: Int, from state: inout State) -> [Operation] {
        if state.head == 0, state.count <= limit {
            defer { state.pending = [] }
            return state.pending
        }
        let end = min(state.head + limit, state.pending.count)
        defer {
            state.head = end
            if end * 2 >= state.pending.count {
                state.pending.removeSubrange(..<end)
                state.head = 0
            }
        }
        return Array(state.pending[state.head..<end])
    }
}

extension WorkQueue: BlockingWorkSource {
    package func blockingReport() -> BlockingReport {
        let now = clock.now
        return state.withLock { state in
            BlockingReport(
                name: threadName, threads: state.isClosed ? 0 : threads, waiting: state.count,
                oldestWait: state.count > 0 ? state.pending[state.head].queued.duration(to: now) : nil,
                running: state.running.values.map {
                    .init(what: $0.what, duration: $0.since.duration(to: now))
                })
        }
    }
}

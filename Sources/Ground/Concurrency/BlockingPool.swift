import Core
import Synchronization

/// A few threads for calls that block: name resolution, `fsync`, reading a directory, decompressing a large file.
///
/// Threads start when they are first needed and then stay. Calls beyond `queueLimit` are refused rather than piled up. A
/// call that has begun cannot be interrupted: the waiting task gets its result even if it was cancelled meanwhile.
public final class BlockingPool: Sendable {
    private let queue: WorkQueue

    /// - Parameters:
    ///   - name: of the threads, at most 15 bytes.
    ///   - threads: the most calls at once.
    ///   - queueLimit: the most calls that wait for a thread.
    public init(name: String, threads: Int = 4, queueLimit: Int = 1024) {
        precondition(threads > 0 && queueLimit > 0)
        queue = WorkQueue(name: name, threadLimit: threads, limit: queueLimit)
        BlockingWork.register(queue)
    }

    deinit { queue.stop() }

    /// Runs `body` on a thread of the pool. `what` says what it does, to those who look at what is slow: a few words, and nothing of
    /// the user's.
    ///
    /// Throws what it throws; `CancellationError` if the task is cancelled before it began; ``ApolloError`` of kind
    /// `exhausted` when too many calls wait already, `unavailable` after ``stop()``.
    public func run<Value: Sendable>(
        _ what: String? = nil, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let id = queue.makeID()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let work = WorkQueue.Work(
                    id: id, what: what, since: queue.clock.now,
                    run: { continuation.resume(with: Result { try body() }) },
                    refuse: { continuation.resume(throwing: $0) })
                queue.submit(work)
            }
        } onCancel: {
            queue.remove(id)?.refuse(CancellationError())
        }
    }

    /// Lets the threads end once the calls already queued are done; later ones are refused.
    public func stop() { queue.stop() }
}

/// What the pool and its threads share, so that the threads do not keep the pool.
private final class WorkQueue: Sendable {
    struct Work {
        var id: UInt64
        var what: String?
        var since: MonotonicInstant
        var run: @Sendable () -> Void
        var refuse: @Sendable (any Error) -> Void
    }

    private struct State {
        var works = WaitList<Work>()
        var count = 0
        var threads = 0
        /// The threads that wait for work, those just started included.
        var idle = 0
        var isStopped = false
        /// What runs, by its identifier, and since when.
        var running: [UInt64: (what: String?, since: MonotonicInstant)] = [:]
    }

    private let state = Mutex(State())
    private let wake = Semaphore()
    private let name: String
    private let threadLimit: Int
    private let limit: Int
    let clock = LiveClock()

    init(name: String, threadLimit: Int, limit: Int) {
        self.name = name
        self.threadLimit = threadLimit
        self.limit = limit
    }

    func makeID() -> UInt64 { state.withLock { $0.works.makeID() } }

    func remove(_ id: UInt64) -> Work? {
        state.withLock { state in
            let work = state.works.remove(id: id)
            if work != nil { state.count -= 1 }
            return work
        }
    }

    func submit(_ work: Work) {
        enum Answer {
            case refused(any Error)
            case queued(startsThread: Bool)
        }
        let answer: Answer = state.withLock { state in
            if Task.isCancelled { return .refused(CancellationError()) }
            if state.isStopped {
                return .refused(ApolloError(.unavailable, "the threads '\(name)' are stopped"))
            }
            guard state.count < limit else {
                let message = "\(limit) calls wait for the threads '\(name)' already"
                return .refused(ApolloError(.exhausted, message, hint: "try again later"))
            }
            state.works.append(work, id: work.id)
            state.count += 1
            guard state.idle < state.count, state.threads < threadLimit else {
                return .queued(startsThread: false)
            }
            state.threads += 1
            state.idle += 1
            return .queued(startsThread: true)
        }
        switch answer {
        case .refused(let error): work.refuse(error)
        case .queued(let startsThread):
            if startsThread { OSThread.start(name: name) { self.serve() } }
            wake.signal()
        }
    }

    /// One signal was given for each work and one for each thread to end, so that no thread sleeps while there is work.
    private func serve() {
        while true {
            wake.wait()
            let (work, hasEnded) = state.withLock { state in
                guard let work = state.works.popFirst() else { return (nil as Work?, state.isStopped) }
                state.count -= 1
                state.idle -= 1
                state.running[work.id] = (work.what, clock.now)
                return (work, false)
            }
            if hasEnded { return }
            guard let work else { continue }
            work.run()
            state.withLock { state in
                state.idle += 1
                state.running[work.id] = nil
            }
        }
    }

    func stop() {
        let threads = state.withLock { state in
            guard !state.isStopped else { return 0 }
            state.isStopped = true
            return state.threads
        }
        for _ in 0..<threads { wake.signal() }
    }
}

extension WorkQueue: BlockingWorkSource {
    func blockingReport() -> BlockingReport {
        let now = clock.now
        return state.withLock { state in
            BlockingReport(
                name: name, threads: state.threads, waiting: state.count,
                oldestWait: state.works.first?.since.duration(to: now),
                running: state.running.values.map {
                    .init(what: $0.what, duration: $0.since.duration(to: now))
                })
        }
    }
}

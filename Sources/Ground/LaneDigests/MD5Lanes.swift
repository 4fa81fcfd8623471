import CDigests
import Concurrency
import Synchronization

/// Hashes streams that are under way at the same time beside each other, in the lanes of the processor's vectors: eight together take
/// little longer than one (docs/decisions/0007).
///
/// Nobody waits for company: a thread begins with what there is, and takes in whatever came meanwhile every few microseconds.
public final class MD5Lanes: Sendable {
    private let queue: LaneQueue

    /// - Parameters:
    ///   - threads: the most that hash at once; they start when they are first needed.
    ///   - width: lanes of each, 1, 4 or 8; as many as this processor has where it is nil.
    public init(threads: Int, width: Int? = nil) {
        precondition(threads > 0 && (width == nil || [1, 4, 8].contains(width)))
        queue = LaneQueue(threads: threads, width: width ?? cdigests_md5_width())
    }

    deinit { queue.stop() }

    /// Takes the next bytes of a stream, and returns when they are hashed. One call of a stream at a time; it does not end early where
    /// its task is cancelled, since it does not take long.
    public func update(_ stream: MD5Stream, _ bytes: [UInt8]) async {
        await withUnsafeContinuation { continuation in
            queue.submit(LaneWork(stream: stream, bytes: bytes, isDone: { continuation.resume() }))
        }
    }
}

/// Bytes of a stream that wait to be hashed.
struct LaneWork: Sendable {
    let stream: MD5Stream
    let bytes: [UInt8]
    let isDone: @Sendable () -> Void
    /// How many of the bytes are hashed.
    var offset = 0
    var isBegun = false
}

/// What the lanes and their threads share, so that the threads do not keep the lanes.
private final class LaneQueue: Sendable {
    private struct State {
        var waiting: [LaneWork] = []
        /// Works that are in lanes.
        var active = 0
        var threads = 0
        /// The threads that wait to be woken.
        var idle = 0
        var isStopped = false
    }

    private enum Wake { case nobody, idle, new }

    private let state = Mutex(State())
    private let wake = Semaphore()
    private let threadLimit: Int
    private let width: Int

    init(threads: Int, width: Int) {
        threadLimit = threads
        self.width = width
    }

    func submit(_ work: LaneWork) {
        let woken: Wake = state.withLock { state in
            state.waiting.append(work)
            let busy = state.threads - state.idle
            let room = busy * width - state.active
            // A thread of its own only for what fills half of the lanes: the rest finds its place beside others soon.
            guard busy == 0 || state.waiting.count - room >= max(1, width / 2) else { return .nobody }
            if state.idle > 0 {
                state.idle -= 1
                return .idle
            }
            guard state.threads < threadLimit else { return .nobody }
            state.threads += 1
            return .new
        }
        switch woken {
        case .nobody: break
        case .idle: wake.signal()
        case .new: OSThread.start(name: "md5") { self.serve() }
        }
    }

    private func serve() {
        var works: [LaneWork] = []
        while true {
            let (taken, hasEnded) = state.withLock { state in
                let taken = Array(state.waiting.prefix(width - works.count))
                state.waiting.removeFirst(taken.count)
                state.active += taken.count
                let isIdle = taken.isEmpty && works.isEmpty
                if isIdle { state.idle += 1 }
                return (taken, isIdle && state.isStopped)
            }
            if hasEnded { return }
            works += taken
            guard !works.isEmpty else {
                wake.wait()
                continue
            }
            LaneRound.run(&works, width: width)
            let done = works.filter { $0.offset == $0.bytes.count }
            guard !done.isEmpty else { continue }
            works.removeAll { $0.offset == $0.bytes.count }
            state.withLock { $0.active -= done.count }
            for work in done { work.isDone() }
        }
    }

    func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            defer { state.idle = 0 }
            return state.idle
        }
        for _ in 0..<threads { wake.signal() }
    }
}

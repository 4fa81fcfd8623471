import CApollo
import Core
import Glibc
import Synchronization

/// One thread that waits for descriptors and timers with epoll(7) and runs what they wake.
///
/// The loop is an executor of both kinds. As `TaskExecutor` it carries whole tasks (``spawn(_:)``); as `SerialExecutor` it
/// isolates the actors that own sockets, so that calls between actors of one loop are plain calls without a hop. A
/// call that blocks stops every connection of the loop: blocking libraries have threads of their own (`ThreadExecutor`).
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct Inbox {
        var work: [Work] = []
        var isWoken = false
        var hasThread = true
    }

    /// The thread's name, at most 15 bytes.
    public let name: String
    let tasks = TaskRegistry()
    /// Written by the loop's thread alone, read by whoever asks what it does.
    let activity = LoopActivity()

    private let epoll: Int32
    private let wake: Int32
    private let inbox = Mutex(Inbox())
    private let exited = Latch()

    // From here on everything belongs to the loop's thread.
    private var ready: [UnownedJob] = []
    private var batch: [UnownedJob] = []
    private var delivered: [Work] = []
    private var timers = TimerHeap()
    private var retired: [DescriptorWatch] = []
    private var yielded: [UnsafeContinuation<Void, Never>] = []
    private var isStopping = false
    /// The descriptors that are watched.
    private var watchCount = 0
    private var isClosed = false
    package var buffers = BufferPool()
    /// How often the loop has gone round; for those who bound their work per turn.
    package private(set) var turn: UInt64 = 0
    /// The monotonic clock in nanoseconds, read once a turn.
    package private(set) var now: Int64 = monotonicNanoseconds()

    /// Starts the thread. Throws ``ApolloError`` where the process has no descriptor or thread left.
    public init(name: String) throws {
        self.name = String(name.prefix(15))
        epoll = capollo_epoll_create()
        guard epoll >= 0 else { throw SystemCall.error("create an event loop", errno) }
        wake = capollo_eventfd_create()
        guard wake >= 0, capollo_epoll_add(epoll, wake, 0, nil) == 0 else {
            let code = errno
            close(epoll)
            if wake >= 0 { close(wake) }
            throw SystemCall.error("create an event loop", code)
        }
        let code = startThread { $0.run() }
        guard code == 0 else {
            close(epoll)
            close(wake)
            throw SystemCall.error("start the thread of an event loop", code)
        }
    }

    // Not at the thread's end: another thread may just be about to write there.
    deinit { close(wake) }

    /// Whether the caller is on the loop's thread.
    public var isCurrent: Bool { capollo_thread_slot_get() == Unmanaged.passUnretained(self).toOpaque() }

    // MARK: - Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { ready.append(job) } else { post(.job(job)) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    public func checkIsolated() {
        precondition(isCurrent, "not on the thread of event loop '\(name)'")
    }

    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Runs `body` on the loop's thread: at once when the caller is there already, else soon.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent { body() } else { post(.call(body)) }
    }

    /// Lets everything else that is ready go first. For work that would keep the loop from its other connections.
    package func nextTurn() async {
        await withUnsafeContinuation {
            checkIsolated()
            yielded.append($0)
        }
    }

    private func post(_ work: Work) {
        inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.isWoken = true }
            // Before the lock is given back: whoever enqueues a job holds no reference, and once the loop has the job it may be
            // gone, and another file have the number of its descriptor.
            if !inbox.hasThread {
                inbox.hasThread = true
                startLateThread()
            } else if !inbox.isWoken {
                var one: UInt64 = 1
                _ = write(wake, &one, 8)
            }
        }
    }

    // MARK: - The thread

    private func startThread(_ body: @escaping @Sendable (EventLoop) -> Void) -> Int32 {
        let start = Unmanaged.passRetained(ThreadStart(loop: self, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
                capollo_set_thread_name(start.loop.name)
                capollo_thread_slot_set(Unmanaged.passUnretained(start.loop).toOpaque())
                capollo_block_sigpipe()
                start.body(start.loop)
                capollo_thread_slot_set(nil)
                return nil
            }, start.toOpaque())
        if code == 0 { pthread_detach(thread) } else { start.release() }
        return code
    }

    private func run() {
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { events.deallocate() }
        while !(isStopping && isIdle) {
            let count = epoll_wait(epoll, events, Int32(capacity), waitMilliseconds())
            turn &+= 1
            now = monotonicNanoseconds()
            activity.begin(turn, at: now)
            var hasMail = false
            if count > 0 {
                for index in 0..<Int(count) {
                    if let watch = events[index].data.ptr {
                        Unmanaged<DescriptorWatch>.fromOpaque(watch)._withUnsafeGuaranteedRef {
                            $0.happened(events[index].events)
                        }
                    } else {
                        hasMail = true
                    }
                }
            }
            if hasMail || isStopping { takeMail() }
            while let timer = timers.popDue(now) { timer.fire() }
            retired.removeAll(keepingCapacity: true)
            runReady()
            activity.end(at: monotonicNanoseconds())
        }
        finish()
    }

    private var isIdle: Bool { ready.isEmpty && yielded.isEmpty }

    private func waitMilliseconds() -> Int32 {
        if isStopping || !isIdle { return 0 }
        guard let next = timers.next else { return -1 }
        let nanoseconds = max(0, next - monotonicNanoseconds())
        // Rounded up: a timer never fires before its time, and the loop does not spin through its last millisecond.
        return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    private func takeMail() {
        inbox.withLock { inbox in
            swap(&delivered, &inbox.work)
            inbox.isWoken = false
        }
        for work in delivered {
            switch work {
            case .job(let job): ready.append(job)
            case .call(let body): body()
            }
        }
        delivered.removeAll(keepingCapacity: true)
    }

    /// Runs the jobs that are ready; those they make ready wait for the next turn, behind the descriptors.
    private func runReady() {
        if !yielded.isEmpty {
            let turns = yielded
            yielded.removeAll(keepingCapacity: true)
            for continuation in turns { continuation.resume() }
        }
        swap(&batch, &ready)
        for job in batch {
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
        batch.removeAll(keepingCapacity: true)
    }

    private func finish() {
        isClosed = true
        for timer in timers.removeAll() { timer.fire() }
        retired.removeAll()
        buffers.removeAll()
        close(epoll)
        // What is ready still, or arrives from now on, must run: an actor of this loop may be called at any time.
        let hasWork = inbox.withLock { inbox in
            inbox.hasThread = !inbox.work.isEmpty || !isIdle
            return inbox.hasThread
        }
        if hasWork { startLateThread() }
        exited.open()
    }

    private func startLateThread() {
        guard startThread({ $0.runLate() }) == 0 else {
            fatalError("cannot start a thread for what came after event loop '\(name)' had stopped")
        }
    }

    /// After the loop has stopped: runs what comes late, still one at a time, and ends.
    private func runLate() {
        while true {
            takeMail()
            while !isIdle { runReady() }
            let isDone = inbox.withLock { inbox in
                guard inbox.work.isEmpty else { return false }
                inbox.hasThread = false
                return true
            }
            if isDone { return }
        }
    }

    /// Ends the thread once what is ready has run, and returns when it has ended. Timers still pending end at once, and
    /// descriptors still watched wake no more: see ``EventLoopGroup/stop(within:)``, which ends the tasks first.
    func stop() async {
        execute { self.isStopping = true }
        await exited.wait()
    }

    // MARK: - For the loop's own parts, on its thread

    func add(_ watch: DescriptorWatch) -> Int32 {
        guard !isClosed else { return ECANCELED }
        let pointer = Unmanaged.passRetained(watch)
        guard capollo_epoll_add(epoll, watch.descriptor, 0, pointer.toOpaque()) == 0 else {
            let code = errno
            pointer.release()
            return code
        }
        watchCount += 1
        return 0
    }

    func remove(_ watch: DescriptorWatch) {
        if !isClosed { capollo_epoll_remove(epoll, watch.descriptor) }
        watchCount -= 1
        // Events of this turn may still point at it.
        retired.append(watch)
        Unmanaged.passUnretained(watch).release()
    }

    /// Calls `action` on the loop's thread at `deadline` (nanoseconds of ``now``) or soon after.
    package func schedule(at deadline: Int64, _ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(deadline: deadline, action: action)
        if isClosed { timer.fire() } else { timers.insert(timer) }
        return timer
    }

    package func cancel(_ timer: LoopTimer) { timers.remove(timer) }

    /// What lies before the loop, for its report. On its thread.
    var sources: (watched: Int, timers: Int) { (watchCount, timers.count) }

    /// What other threads have sent and the loop has not taken yet.
    var mailCount: Int { inbox.withLock { $0.work.count } }
}

private final class ThreadStart: Sendable {
    let loop: EventLoop
    let body: @Sendable (EventLoop) -> Void

    init(loop: EventLoop, body: @escaping @Sendable (EventLoop) -> Void) {
        self.loop = loop
        self.body = body
    }
}

func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

import CGRPC
import Concurrency
import Synchronization

/// One thread that waits for what the core has done, and on which the tasks that wait for it go on.
///
/// It is a `TaskExecutor`: a handler runs where its call's events come in, without a hop to another thread, which is what makes it as
/// fast as a program in C++ (docs/design/rpc.md). What blocks this thread stops all calls of the poller.
public final class RPCPoller: TaskExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isWoken = false
        var hasEnded = false
    }

    private let queue: QueueHandle
    private let inbox = Mutex(Inbox())
    private let ended = Latch<Void>()
    // From here on everything belongs to the poller's thread.
    private var ready: [UnownedJob] = []
    private var batch: [UnownedJob] = []
    private var begun: [ServedCall] = []

    /// Starts the thread. One poller is enough for a program; a server that does nothing but calls may have one per core.
    public init(name: String = "rpc") {
        RPCLibrary.start
        queue = QueueHandle()
        OSThread.start(name: name) { self.run() }
    }

    /// The core's queue, for starting calls on it.
    var pointer: OpaquePointer { queue.pointer }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return ready.append(job) }
        inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isWoken = true }
            guard !inbox.isWoken else { return }
            // Before the lock is given back: whoever enqueues holds no reference to the poller, and the job may let go of the last.
            // What comes after the end still has to run: a task that was called off may be on its way out.
            if inbox.hasEnded { OSThread.start(name: "rpc-late") { self.runLate() } } else { queue.wake() }
        }
    }

    private var isCurrent: Bool { cgrpc_current() == Unmanaged.passUnretained(self).toOpaque() }

    /// A call has begun in this turn; when it is not over by the end of the turn it is watched.
    func begins(_ call: ServedCall) { begun.append(call) }

    /// Ends the thread. Servers and channels on it must be closed before.
    public func stop() async {
        queue.shutdown()
        try? await ended.wait()  // Cancelled: the thread ends all the same.
    }

    private func run() {
        cgrpc_set_current(Unmanaged.passUnretained(self).toOpaque())
        while let event = queue.next(wait: ready.isEmpty) {
            switch event {
            case .none: break
            case .wake: takeMail()
            case .done(let tag, let succeeded): tag.finish(succeeded)
            }
            runReady()
        }
        cgrpc_set_current(nil)
        let hasWork = inbox.withLock { inbox in
            inbox.hasEnded = true
            inbox.isWoken = !(inbox.jobs.isEmpty && ready.isEmpty)
            return inbox.isWoken
        }
        if hasWork { runLate() }
        ended.open()
    }

    private func takeMail() {
        var jobs: [UnownedJob] = []
        inbox.withLock { inbox in
            swap(&jobs, &inbox.jobs)
            inbox.isWoken = false
        }
        ready += jobs
    }

    private func runReady() {
        guard !ready.isEmpty else { return }
        swap(&batch, &ready)
        let executor = asUnownedTaskExecutor()
        for job in batch { job.runSynchronously(on: executor) }
        batch.removeAll(keepingCapacity: true)
        guard !begun.isEmpty else { return }
        for call in begun { call.watchUnlessOver() }
        begun.removeAll(keepingCapacity: true)
    }

    /// After the end: runs what comes late, one at a time.
    private func runLate() {
        cgrpc_set_current(Unmanaged.passUnretained(self).toOpaque())
        while true {
            takeMailLate()
            guard !ready.isEmpty else { break }
            while !ready.isEmpty { runReady() }
        }
        cgrpc_set_current(nil)
    }

    private func takeMailLate() {
        inbox.withLock { inbox in
            ready += inbox.jobs
            inbox.jobs = []
            if ready.isEmpty { inbox.isWoken = false }
        }
    }
}

/// Runs the tasks of one simulated process, and can stop doing so: that is how a process is paused and how it crashes.
final class ProcessExecutor: TaskExecutor, @unchecked Sendable {
    enum Phase {
        case running
        /// Its jobs are kept for later.
        case paused
        /// Its jobs are kept, and only run once the simulation has ended, so that their memory is freed.
        case crashed
        /// Cut off from the world: its tasks unwind, and whatever they ask for is refused.
        case unwinding
    }

    let scheduler: Scheduler
    private let index: Int32
    private(set) var phase = Phase.running
    private var held: [UnownedJob] = []

    init(scheduler: Scheduler, index: Int32) {
        self.scheduler = scheduler
        self.index = index
    }

    /// Whether what its tasks do may still have an effect.
    var isAlive: Bool { phase == .running || phase == .paused }

    func enqueue(_ job: consuming ExecutorJob) {
        scheduler.enqueue(UnownedJob(job), index)
    }

    func run(_ job: UnownedJob) {
        switch phase {
        case .running, .unwinding: job.runSynchronously(on: asUnownedTaskExecutor())
        case .paused, .crashed: held.append(job)
        }
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        guard phase == .running || phase == .unwinding else { return }
        for job in held { scheduler.enqueue(job, index) }
        held.removeAll()
    }
}

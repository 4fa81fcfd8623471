import Concurrency
import Core
import Glibc
import Synchronization

/// The simulator's core: the ready jobs, the timers, the virtual time.
///
/// All of it belongs to the thread that runs the simulation. Only ``enqueueFromElsewhere(_:_:)`` may be called on another
/// one, which is what a task does that has left the simulation and comes back.
final class Scheduler: @unchecked Sendable {
    typealias Timers = TimerHeap<Action>

    enum Action {
        case wake(WaiterBase)
        case run(() -> Void)
    }

    private struct Ready {
        var job: UnownedJob
        var executor: Int32
    }

    /// Jobs that may run without time going on before the run is called a livelock.
    static let stepsPerInstant = 2_000_000

    private(set) var now: Int64 = 0
    private(set) var steps: UInt64 = 0
    private var stepsAtInstant = 0
    private var ready: ContiguousArray<Ready> = []
    private var timers = Timers()
    private var random: SplitMix64
    var trace = TraceHash()
    private var executors: ContiguousArray<ProcessExecutor> = []
    /// Set once everything is being taken down: waits fail at once from then on.
    var isClosing = false

    private var thread: pthread_t?
    private let strays = Mutex<[Ready]>([])
    private let strayCount = Atomic<Int>(0)

    init(random: SplitMix64) { self.random = random }

    // MARK: Jobs

    func makeExecutor() -> ProcessExecutor {
        let executor = ProcessExecutor(scheduler: self, index: Int32(executors.count))
        executors.append(executor)
        return executor
    }

    /// Makes the calling thread the one of the simulation. Before that there is only the code that sets it up.
    func claimThread() { thread = pthread_self() }

    private var isHome: Bool {
        guard let thread else { return true }
        return pthread_equal(thread, pthread_self()) != 0
    }

    func enqueue(_ job: UnownedJob, _ executor: Int32) {
        guard isHome else { return enqueueFromElsewhere(job, executor) }
        ready.append(Ready(job: job, executor: executor))
    }

    func enqueueFromElsewhere(_ job: UnownedJob, _ executor: Int32) {
        strays.withLock { $0.append(Ready(job: job, executor: executor)) }
        strayCount.add(1, ordering: .releasing)
    }

    /// The jobs that left the simulation, or came to it from outside.
    var escapes: Int { strayCount.load(ordering: .acquiring) + GlobalJobs.count }

    private func takeStrays() {
        let jobs = strays.withLock { strays in
            defer { strays = [] }
            return strays
        }
        ready.append(contentsOf: jobs)
    }

    // MARK: Timers

    func reserveTimer() -> Timers.Token { timers.reserve() }
    func discardTimer(_ token: Timers.Token) { timers.discard(token) }
    func cancelTimer(_ token: Timers.Token) { _ = timers.remove(token) }

    func setTimer(_ action: Action, at time: Int64, _ token: Timers.Token) {
        // Timers of the same instant come in an order of the seed's, and not of the code's.
        timers.insert(action, deadline: time, order: random.next(), token: token)
    }

    /// Runs `action` at the virtual time given; not at all if the simulation ends before.
    @discardableResult
    func schedule(at time: Int64, _ action: @escaping () -> Void) -> Timers.Token {
        let token = timers.reserve()
        setTimer(.run(action), at: max(time, now), token)
        return token
    }

    // MARK: The loop

    enum Stop: Equatable {
        case done
        case idle
        case timeLimit
        case livelock
        case escaped
        case stepLimit
    }

    /// Runs jobs and lets time go on until `isDone`, or until there is nothing to do, or one of the limits is reached.
    func run(until limit: Int64, maximumSteps: UInt64 = .max, _ isDone: () -> Bool) -> Stop {
        while !isDone() {
            if escapes > 0, !isClosing { return .escaped }
            if strayCount.load(ordering: .relaxed) > 0 { takeStrays() }
            if !ready.isEmpty {
                guard stepsAtInstant < Self.stepsPerInstant else { return .livelock }
                guard steps < maximumSteps else { return .stepLimit }
                runOne()
            } else if let deadline = timers.nextDeadline {
                guard deadline <= limit else { return .timeLimit }
                advance(to: deadline)
            } else {
                return .idle
            }
        }
        return .done
    }

    private func runOne() {
        let count = ready.count
        let index = count == 1 ? 0 : random.next(below: count)
        let next = ready[index]
        // The order of the rest is free: the next choice is random as well.
        ready[index] = ready[count - 1]
        ready.removeLast()
        steps += 1
        stepsAtInstant += 1
        trace.mix(UInt64(truncatingIfNeeded: index) << 32 | UInt64(UInt32(bitPattern: next.executor)))
        executors[Int(next.executor)].run(next.job)
    }

    private func advance(to time: Int64) {
        if time > now {
            now = time
            stepsAtInstant = 0
        }
        trace.mix(UInt64(bitPattern: time))
        // All that is due becomes ready before any of it runs, so that every order can happen.
        while let action = timers.popFirst(notAfter: now) {
            steps += 1
            stepsAtInstant += 1
            switch action {
            case .wake(let waiter): waiter.timeIsUp()
            case .run(let body): body()
            }
        }
    }

    /// Wakes all that sleep, with `isClosing` set: each wait ends with a cancellation.
    func close() {
        isClosing = true
        while let action = timers.popFirst(notAfter: .max) {
            if case .wake(let waiter) = action { waiter.cancel() }
        }
    }

    /// What sleeps, for the report of a failure: how many, and until when.
    var sleeps: [String] {
        guard let next = timers.nextDeadline else { return [] }
        let time = Duration.nanoseconds(next).inSeconds
        return ["\(timers.count) timers are set, the next for \(time) s"]
    }

    /// Forgets the executors, which refer back here.
    func dismantle() {
        executors.removeAll()
        ready.removeAll()
    }
}

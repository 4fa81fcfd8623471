import ClusterModel
import Concurrency
import Core
import Synchronization

/// When to look at which task again: one time a task, the latest order counts. Times are civil, and are counted off by the clock that
/// never jumps from when they were ordered: a civil clock that is set meanwhile makes no wait longer or shorter.
final class Alarms: Sendable {
    fileprivate struct State {
        var heap = TimerHeap<TaskID>()
        var tokens: [TaskID: TimerHeap<TaskID>.Token] = [:]
        var order: UInt64 = 0
    }

    private let state = Mutex(State())
    /// Says that an alarm came that is earlier than the others.
    private let changes = Mailbox<Void>("manager alarms", capacity: 1)
    private let environment: Environment

    /// Whoever is to be looked at later is so then, and finds that there is time left.
    private static let longestWait = Duration.seconds(1 << 31)

    init(environment: Environment) { self.environment = environment }

    func set(_ task: TaskID, at time: Timestamp) {
        let wait = min(max(.zero, environment.wallClock.now.duration(to: time)), Self.longestWait)
        let deadline = environment.clock.now.advanced(by: wait).nanoseconds
        let isFirst = state.withLock { state in
            state.remove(task)
            let first = state.heap.nextDeadline ?? .max
            let token = state.heap.reserve()
            state.order += 1
            state.heap.insert(task, deadline: deadline, order: state.order, token: token)
            state.tokens[task] = token
            return deadline < first
        }
        // A full mailbox says so already.
        if isFirst { _ = changes.send(()) }
    }

    var count: Int { state.withLock { $0.tokens.count } }

    func cancel(_ task: TaskID) { state.withLock { $0.remove(task) } }

    /// Calls `ring` for each task whose time has come, until cancelled.
    func run(_ ring: (TaskID) -> Void) async {
        while !Task.isCancelled {
            let now = environment.clock.now
            let (due, next) = state.withLock { ($0.takeDue(now), $0.heap.nextDeadline) }
            for task in due { ring(task) }
            do {
                try await changes.takeSignals(
                    until: next.map { MonotonicInstant(nanoseconds: $0) }, clock: environment.clock)
            } catch {
                return  // Cancelled: the manager ends.
            }
        }
    }
}

extension Alarms.State {
    fileprivate mutating func remove(_ task: TaskID) {
        guard let token = tokens.removeValue(forKey: task) else { return }
        _ = heap.remove(token)
    }

    fileprivate mutating func takeDue(_ now: MonotonicInstant) -> [TaskID] {
        var due: [TaskID] = []
        while let task = heap.popFirst(notAfter: now.nanoseconds) {
            tokens[task] = nil
            due.append(task)
        }
        return due
    }
}

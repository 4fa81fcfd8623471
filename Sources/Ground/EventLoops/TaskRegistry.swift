import Synchronization

/// The tasks that run on a loop, so that its end can wait for theirs.
final class TaskRegistry: Sendable {
    private struct State {
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var next: UInt64 = 0
        var isClosed = false
        var whenEmpty: [Latch] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.tasks.count } }

    /// Starts a task with `make`, which receives what the task must call last.
    func start(_ make: (_ done: @escaping @Sendable () -> Void) -> Task<Void, Never>) -> Task<Void, Never> {
        state.withLock { state in
            let id = state.next
            state.next += 1
            // The task may end on another thread before this returns; `forget` then waits for the lock.
            let task = make { self.forget(id) }
            state.tasks[id] = task
            if state.isClosed { task.cancel() }
            return task
        }
    }

    private func forget(_ id: UInt64) {
        let latches = state.withLock { state in
            state.tasks[id] = nil
            guard state.tasks.isEmpty else { return [] as [Latch] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for latch in latches { latch.open() }
    }

    /// Cancels every task, and those that start later at once.
    func cancelAll() {
        let tasks = state.withLock { state in
            state.isClosed = true
            return Array(state.tasks.values)
        }
        // Outside the lock: cancellation handlers run here, and a task may end in one.
        for task in tasks { task.cancel() }
    }

    /// Opens `latch` once no task runs.
    func whenEmpty(_ latch: Latch) {
        let isEmpty = state.withLock { state in
            if !state.tasks.isEmpty { state.whenEmpty.append(latch) }
            return state.tasks.isEmpty
        }
        if isEmpty { latch.open() }
    }
}

extension EventLoop {
    /// Starts a task that runs on this loop, and its child tasks with it. The loop's end cancels it and waits for it.
    ///
    /// This is the one place where Apollo's unstructured tasks come from: a connection lives as long as its peer wants.
    @discardableResult
    public func spawn(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        tasks.start { done in
            Task(executorPreference: self) {
                await body()
                done()
            }
        }
    }
}

import Concurrency
import Core
import Glibc
import Synchronization
import Testing

struct ThreadTests {
    private actor Blocking {
        private let executor: ThreadExecutor
        init(_ executor: ThreadExecutor) { self.executor = executor }
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
        func thread() -> UInt { UInt(pthread_self()) }
        func count(_ counter: Counter) { counter.add() }
    }

    @Test func `an actor with a thread executor stays on its thread`() async {
        let executor = ThreadExecutor(name: "test")
        let actor = Blocking(executor)
        let first = await actor.thread()
        #expect(first != UInt(pthread_self()))
        for _ in 0..<100 { #expect(await actor.thread() == first) }
        executor.stop()
    }

    @Test func `jobs that come after the stop still run`() async {
        let executor = ThreadExecutor(name: "test")
        let actor = Blocking(executor)
        let counter = Counter()
        for round in 1...200 {
            executor.stop()
            await actor.count(counter)
            #expect(counter.count == round)
        }
    }

    @Test func `jobs of many tasks all run while the thread is stopped again and again`() async {
        let executor = ThreadExecutor(name: "test")
        let actor = Blocking(executor)
        let counter = Counter()
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        await actor.count(counter)
                        executor.stop()
                    }
                }
            }
        }
        #expect(counter.count == 4000)
    }

    @Test func `an executor may go while one who gave it a job is still about it`() async {
        // Whoever enqueues holds no reference: the job itself may let go of the last one.
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<250 {
                        let executor = ThreadExecutor(name: "short")
                        let actor = Blocking(executor)
                        let counter = Counter()
                        executor.stop()
                        await actor.count(counter)
                        executor.stop()
                        await actor.count(counter)
                        executor.stop()
                        #expect(counter.count == 2)
                    }
                }
            }
        }
    }

    @Test func `a blocking pool runs so many calls at once and no more`() async throws {
        let pool = BlockingPool(name: "test", threads: 3)
        let running = Gauge()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await pool.run {
                        running.enter()
                        for _ in 0..<100 { sched_yield() }
                        running.leave()
                        return number
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 50 * 49 / 2)
        #expect(running.most <= 3)
        pool.stop()
        let error = await #expect(throws: ApolloError.self) { try await pool.run {} }
        #expect(error?.kind == .unavailable)
    }

    @Test func `a blocking pool hands errors on and refuses what is too much`() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueLimit: 1)
        await #expect(throws: ApolloError(.corrupt, "damaged")) {
            try await pool.run { throw ApolloError(.corrupt, "damaged") }
        }
        let gate = DispatchGate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let begun = Latch<Void>()
            group.addTask {
                try await pool.run {
                    begun.open()
                    gate.wait()
                }
            }
            try await begun.wait()
            // One call runs; of two more only one may wait.
            group.addTask { try await pool.run {} }
            group.addTask { try await pool.run {} }
            let error = await #expect(throws: ApolloError.self) { try await group.next() }
            #expect(error?.kind == .exhausted)
            gate.open()
            try await group.waitForAll()
        }
    }

    @Test func `a blocking pool may go as soon as its last call has ended`() async throws {
        // Its threads may end before whoever gave them the call has finished doing so.
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for round in 0..<250 {
                        let pool = BlockingPool(name: "short", threads: 2)
                        let answer = try await pool.run { round }
                        #expect(answer == round)
                    }
                }
            }
        }
    }

    @Test func `a cancelled call that has not begun never runs`() async throws {
        let pool = BlockingPool(name: "test", threads: 1)
        let gate = DispatchGate()
        let counter = Counter()
        let begun = Latch<Void>()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await pool.run {
                    begun.open()
                    gate.wait()
                }
            }
            try? await begun.wait()
            await withTaskGroup(of: Void.self) { cancelled in
                cancelled.addTask {
                    await #expect(throws: CancellationError.self) { try await pool.run { counter.add() } }
                }
                cancelled.cancelAll()
            }
            gate.open()
        }
        #expect(counter.count == 0)
    }

    /// A gate that blocks its thread, for calls that must not end yet.
    private final class DispatchGate: Sendable {
        private let isOpen = Mutex(false)
        func open() { isOpen.withLock { $0 = true } }
        func wait() { while !isOpen.withLock({ $0 }) { sched_yield() } }
    }
}

struct LiveClockTests {
    private let clock = LiveClock()

    @Test func `a sleep lasts at least as long as it should`() async throws {
        for milliseconds in [0, 1, 5, 20] {
            let deadline = clock.now.advanced(by: .milliseconds(milliseconds))
            try await clock.sleep(until: deadline)
            #expect(clock.now >= deadline)
        }
    }

    @Test func `many sleep at once`() async throws {
        let start = clock.now
        let order = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in [4, 1, 3, 0, 2] {
                group.addTask {
                    try await clock.sleep(until: start.advanced(by: .milliseconds(20 + number * 20)))
                    order.add()
                }
            }
            try await group.waitForAll()
        }
        #expect(order.count == 5)
    }

    @Test func `a cancelled sleep ends long before its time`() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask { [clock] in
                    await #expect(throws: CancellationError.self) {
                        try await clock.sleep(for: .seconds(3600))
                    }
                }
            }
            group.cancelAll()
        }
    }

    @Test func `a shorter sleep that comes later wakes first`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in try await clock.sleep(for: .seconds(3600)) }
            try await clock.sleep(for: .milliseconds(2))
            group.cancelAll()
        }
    }
}

struct TimerHeapTests {
    @Test func `timers come out in order whatever was removed between`() {
        var heap = TimerHeap<Int>()
        var state: UInt64 = 42
        func draw(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var tokens: [(token: TimerHeap<Int>.Token, deadline: Int64, id: Int)] = []
        func remove(_ token: TimerHeap<Int>.Token) -> Int? { heap.remove(token) }
        func pop(notAfter time: Int64) -> Int? { heap.popFirst(notAfter: time) }
        for id in 0..<2000 {
            let token = heap.reserve()
            let deadline = Int64(draw(500))
            heap.insert(id, deadline: deadline, order: UInt64(id), token: token)
            tokens.append((token, deadline, id))
            if draw(3) == 0 {
                let victim = tokens.remove(at: Int(draw(UInt64(tokens.count))))
                #expect(remove(victim.token) == victim.id)
                #expect(remove(victim.token) == nil)
            }
        }
        #expect(heap.count == tokens.count)
        let expected = tokens.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }.map(\.id)
        var popped: [Int] = []
        while let deadline = heap.nextDeadline {
            #expect(pop(notAfter: deadline - 1) == nil)
            popped.append(heap.popFirst(notAfter: deadline)!)
        }
        #expect(popped == expected)
        for entry in tokens { #expect(remove(entry.token) == nil) }
    }

    @Test func `a discarded token can be used again by another timer only`() {
        var heap = TimerHeap<String>()
        let first = heap.reserve()
        heap.discard(first)
        let second = heap.reserve()
        #expect(first != second)
        heap.insert("b", deadline: 1, order: 0, token: second)
        let removed = heap.remove(first)
        #expect(removed == nil)
        let popped = heap.popFirst(notAfter: 1)
        #expect(popped == "b")
        #expect(heap.isEmpty)
    }
}

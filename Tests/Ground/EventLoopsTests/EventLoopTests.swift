import Concurrency
import Core
import Glibc
import Testing

@testable import EventLoops

struct EventLoopTests {
    @Test func `a spawned task and its children run on the loop's thread`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let seen = Shared<[Bool]>([])
            await loop.spawn {
                seen.update { $0.append(loop.isCurrent) }
                await withTaskGroup(of: Void.self) { children in
                    for _ in 0..<3 { children.addTask { seen.update { $0.append(loop.isCurrent) } } }
                }
                await Task.yield()
                seen.update { $0.append(loop.isCurrent) }
            }.value
            #expect(seen.value == [true, true, true, true, true])
            #expect(!loop.isCurrent)
        }
    }

    @Test func `an actor of a loop is isolated on its thread, from wherever it is called`() async throws {
        try await withLoops { group in
            let counter = LoopCounter(group.loops[0])
            await withTaskGroup(of: Void.self) { children in
                for _ in 0..<8 {
                    children.addTask { for _ in 0..<500 { await counter.increment() } }
                }
            }
            let (count, strays) = await counter.result
            #expect(count == 4000)
            #expect(strays == 0)
        }
    }

    @Test func `timers fire in the order of their deadlines and never early`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let order = Shared<[Int]>([])
            // On the loop, where all three are set in one turn: elsewhere one might be set only when another has fired.
            try await withTaskExecutorPreference(loop) {
                let start = loop.instant
                try await withThrowingTaskGroup(of: Void.self) { children in
                    for delay in [30, 10, 20] {
                        children.addTask {
                            try await loop.sleep(until: start.advanced(by: .milliseconds(delay)))
                            #expect(start.duration(to: loop.instant) >= .milliseconds(delay))
                            order.update { $0.append(delay) }
                        }
                    }
                    try await children.waitForAll()
                }
            }
            #expect(order.value == [10, 20, 30])
        }
    }

    @Test func `cancelling a sleeping task ends its sleep`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let result = Shared<String>("")
            let task = loop.spawn {
                do {
                    try await loop.sleep(for: .seconds(3600))
                    result.set("slept")
                } catch {
                    result.set("\(type(of: error))")
                }
            }
            task.cancel()
            await task.value
            #expect(result.value == "CancellationError")
        }
    }

    @Test func `a task that gives its turn away lets the others go first`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let order = Shared<[String]>([])
            await loop.spawn {
                await withTaskGroup(of: Void.self) { children in
                    children.addTask {
                        for step in 0..<3 {
                            order.update { $0.append("a\(step)") }
                            await loop.nextTurn()
                        }
                    }
                    children.addTask {
                        for step in 0..<3 {
                            order.update { $0.append("b\(step)") }
                            await loop.nextTurn()
                        }
                    }
                }
            }.value
            #expect(order.value == ["a0", "b0", "a1", "b1", "a2", "b2"])
        }
    }

    @Test func `stopping cancels the tasks and waits for their ends`() async throws {
        let group = try EventLoopGroup(count: 2, name: "test")
        let ended = Shared(0)
        for loop in group.loops {
            loop.spawn {
                try? await loop.sleep(for: .seconds(3600))
                ended.update { $0 += 1 }
            }
        }
        let left = await group.stop()
        #expect(left == 0)
        #expect(ended.value == 2)
    }

    @Test func `stopping reports the tasks that do not end`() async throws {
        let group = try EventLoopGroup(count: 1, name: "test")
        let loop = group.loops[0]
        let latch = Latch()
        let stubborn = loop.spawn { await latch.wait() }
        let left = await group.stop(within: .milliseconds(50))
        #expect(left == 1)
        // Its rest runs even now that the loop has no thread.
        latch.open()
        await stubborn.value
    }

    @Test func `an actor of a stopped loop still answers`() async throws {
        let group = try EventLoopGroup(count: 1, name: "test")
        let counter = LoopCounter(group.loops[0])
        await counter.increment()
        await group.stop()
        for _ in 0..<100 { await counter.increment() }
        let (count, strays) = await counter.result
        #expect(count == 101)
        #expect(strays == 0)
        await #expect(throws: CancellationError.self) {
            try await group.loops[0].sleep(for: .seconds(3600))
        }
    }

    @Test func `a heap of timers pops in order whatever was removed`() {
        // lint:allow system-random any order will do, and a heap that fails says so at once
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var heap = TimerHeap()
            var kept: [Int64] = []
            var timers: [LoopTimer] = []
            for _ in 0..<200 {
                let timer = LoopTimer(deadline: Int64.random(in: 0..<1000, using: &random)) {}
                timers.append(timer)
                heap.insert(timer)
            }
            for timer in timers {
                if Bool.random(using: &random) { heap.remove(timer) } else { kept.append(timer.deadline) }
            }
            var popped: [Int64] = []
            while let timer = heap.popDue(.max) { popped.append(timer.deadline) }
            #expect(popped == kept.sorted())
        }
    }

    @Test func `a group hands its loops out in turn`() async throws {
        try await withLoops(3) { group in
            let names = (0..<6).map { _ in group.next().name }
            #expect(names == ["test-0", "test-1", "test-2", "test-0", "test-1", "test-2"])
        }
    }
}

private actor LoopCounter {
    private let loop: EventLoop
    private var count = 0
    private var strays = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) { self.loop = loop }

    func increment() {
        count += 1
        if !loop.isCurrent { strays += 1 }
    }

    var result: (Int, Int) { (count, strays) }
}

import Concurrency
import Core
import Synchronization
import Testing

@Suite struct BlockingWorkTests {
    private static func report(_ name: String) -> BlockingReport? {
        BlockingWork.reports.first { $0.name == name }
    }

    /// Holds calls, and their threads, until it is opened.
    private final class Gate: Sendable {
        private let semaphore = Semaphore()
        private let isReached = Mutex(false)

        var reached: Bool { isReached.withLock { $0 } }

        /// Lets so many pass.
        func open(_ count: Int = 1) { for _ in 0..<count { semaphore.signal() } }

        func pass() {
            isReached.withLock { $0 = true }
            semaphore.wait()
        }
    }

    @Test func `a pool says what its threads run, what waits, and for how long`() async throws {
        let name = "test-pool-said"
        let pool = BlockingPool(name: name, threads: 1)
        let gate = Gate()
        async let first: Void = pool.run("hold the gate") { gate.pass() }
        while !gate.reached { await Task.yield() }
        async let second: Int = pool.run { 2 }
        while Self.report(name)?.waiting != 1 { await Task.yield() }
        let report = try #require(Self.report(name))
        #expect(report.threads == 1)
        #expect(report.running.map(\.what) == ["hold the gate"])
        let wait = try #require(report.oldestWait)
        #expect(wait >= .zero && wait <= report.running[0].duration)
        gate.open()
        try await first
        #expect(try await second == 2)
        while Self.report(name)?.running.isEmpty == false { await Task.yield() }
        #expect(Self.report(name)?.waiting == 0 && Self.report(name)?.oldestWait == nil)
    }

    private actor Blocked {
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ executor: ThreadExecutor) { self.executor = executor }

        func pass(_ gate: Gate) { gate.pass() }
        func nothing() {}
    }

    @Test func `an actor's own thread says how long its call runs, and how many wait`() async throws {
        let name = "test-actor-said"
        let executor = ThreadExecutor(name: name)
        let actor = Blocked(executor)
        let gate = Gate()
        async let first: Void = actor.pass(gate)
        while !gate.reached { await Task.yield() }
        async let second: Void = actor.nothing()
        async let third: Void = actor.nothing()
        // Jobs of one actor queue in the actor; its executor sees that there is one.
        let report = try #require(Self.report(name))
        #expect(report.running.count == 1 && report.threads == 1)
        gate.open()
        _ = await (first, second, third)
        while Self.report(name)?.running.isEmpty == false { await Task.yield() }
        executor.stop()
    }

    @Test func `what is gone is not reported`() async throws {
        let name = "test-pool-gone"
        do {
            let pool = BlockingPool(name: name, threads: 1)
            _ = try await pool.run { 1 }
            #expect(Self.report(name) != nil)
        }
        while Self.report(name) != nil { await Task.yield() }
    }

    @Test func `threads of one name are reported together`() async throws {
        let name = "test-pool-pair"
        let pools = [BlockingPool(name: name, threads: 1), BlockingPool(name: name, threads: 1)]
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pool in pools { group.addTask { try await pool.run("wait") { gate.pass() } } }
            while Self.report(name)?.running.count != 2 { await Task.yield() }
            #expect(Self.report(name)?.threads == 2)
            gate.open(2)
            try await group.waitForAll()
        }
    }
}

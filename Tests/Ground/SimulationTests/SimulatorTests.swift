import Concurrency
import Core
import Simulation
import Synchronization
import Testing

struct SimulatorTests {
    /// Six tasks that meet at one actor, three of them at the same instants: the order is the seed's.
    private static func order(seed: UInt64) throws -> (log: [String], trace: UInt64, now: Duration) {
        actor Ledger {
            var log: [String] = []
            func add(_ text: String) { log.append(text) }
        }
        let simulator = Simulator(seed: seed)
        let log = try simulator.run(limit: .seconds(100_000)) { simulator in
            let ledger = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        try await simulator.environment.clock.sleep(for: .seconds(3600 * (number % 3)))
                        await ledger.add("a\(number)")
                        try await simulator.environment.clock.sleep(for: .zero)
                        await ledger.add("b\(number)")
                    }
                }
                try await group.waitForAll()
            }
            return await ledger.log
        }
        return (log, simulator.trace, simulator.now)
    }

    @Test func `a seed gives the same run again`() throws {
        for seed: UInt64 in 0..<100 {
            let first = try Self.order(seed: seed)
            let second = try Self.order(seed: seed)
            #expect(first.log == second.log)
            #expect(first.trace == second.trace)
            #expect(first.now == .seconds(7200))
        }
    }

    @Test func `different seeds give different orders`() throws {
        let logs = try (0..<100).map { try Self.order(seed: $0).log }
        #expect(Set(logs).count > 50)
    }

    @Test func `time jumps to the next timer and nothing is skipped`() throws {
        let simulator = Simulator(seed: 1)
        let times = try simulator.run(limit: .seconds(100 * 86400)) { simulator in
            let clock = simulator.environment.clock
            var times: [MonotonicInstant] = []
            for _ in 0..<90 {
                try await clock.sleep(for: .seconds(86400))
                times.append(clock.now)
            }
            return times
        }
        #expect(times == (1...90).map { MonotonicInstant(nanoseconds: $0 * 86400 * 1_000_000_000) })
    }

    @Test func `a cancelled sleep ends at once`() throws {
        let simulator = Simulator(seed: 2)
        let (wasCancelled, now) = try simulator.run { simulator in
            let clock = simulator.environment.clock
            return try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        try await clock.sleep(for: .seconds(600))
                        return false
                    } catch { return error is CancellationError }
                }
                try await clock.sleep(for: .seconds(1))
                group.cancelAll()
                return (try await group.next(), clock.now)
            }
        }
        #expect(wasCancelled == true)
        #expect(now == MonotonicInstant(nanoseconds: 1_000_000_000))
    }

    @Test func `waiting for what never comes is a deadlock that is reported`() {
        let simulator = Simulator(seed: 3)
        let failure = #expect(throws: SimulationFailure.self) {
            try simulator.run { simulator in
                let host = simulator.host("quiet")
                host.start { _ in try await Latch<Void>().wait() }
                try await Latch<Void>().wait()
            }
        }
        guard case .deadlock = failure?.cause else {
            Issue.record("not a deadlock: \(String(describing: failure))")
            return
        }
        #expect(failure?.waits.contains { $0.contains("'quiet'") } == true)
        #expect(failure?.description.contains("seed 3") == true)
    }

    @Test func `a test that goes on for ever ends at its limit`() {
        let failure = #expect(throws: SimulationFailure.self) {
            try Simulator(seed: 4).run(limit: .seconds(60)) { simulator in
                while true { try await simulator.environment.clock.sleep(for: .seconds(1)) }
            }
        }
        guard case .timeLimit = failure?.cause else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(failure?.time == .seconds(60))
    }

    @Test func `a loop that never lets time go on is reported`() {
        let failure = #expect(throws: SimulationFailure.self) {
            try Simulator(seed: 5).run { simulator in
                while true { try await simulator.environment.clock.sleep(for: .zero) }
            }
        }
        guard case .livelock = failure?.cause else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `a yield stays in the simulation`() throws {
        try Simulator(seed: 10).run { _ in
            for _ in 0..<100 { await Task.yield() }
        }
    }

    @Test func `an unstructured task is noticed as an escape`() {
        let failure = #expect(throws: SimulationFailure.self) {
            try Simulator(seed: 6).run { simulator in
                let latch = Latch<Void>()
                Task.detached { latch.open() }
                try await latch.wait()
            }
        }
        guard case .escaped(let jobs) = failure?.cause else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(jobs >= 1)
    }

    @Test func `an escape that touches nothing in the simulation is noticed as well`() {
        let failure = #expect(throws: SimulationFailure.self) {
            try Simulator(seed: 7).run { simulator in
                Task.detached {}
                try await simulator.environment.clock.sleep(for: .seconds(1))
            }
        }
        guard case .escaped = failure?.cause else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `a task that does not end when cancelled is reported`() {
        let simulator = Simulator(seed: 8)
        let failure = #expect(throws: SimulationFailure.self) {
            try simulator.run { simulator in
                simulator.host("stubborn").start { _ in
                    await withCheckedContinuation { kept.set($0) }
                }
                try await simulator.environment.clock.sleep(for: .seconds(1))
            }
        }
        guard case .unfinished = failure?.cause else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `the error of a host's program names it`() {
        let failure = #expect(throws: SimulationFailure.self) {
            try Simulator(seed: 9).run { simulator in
                simulator.host("broken").start { process in
                    try await process.environment.clock.sleep(for: .seconds(5))
                    throw ApolloError(.corrupt, "the table is damaged")
                }
                try await simulator.environment.clock.sleep(for: .seconds(60))
            }
        }
        #expect(failure?.description.contains("'broken'") == true)
        #expect(failure?.description.contains("the table is damaged") == true)
        #expect(failure?.time == .seconds(5))
    }

    /// Keeps a continuation, so that its task waits without end.
    private let kept = Latch<CheckedContinuation<Void, Never>>()
}

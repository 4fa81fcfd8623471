import Concurrency
import Core
import Networking
import Simulation
import Synchronization
import Testing

struct HostTests {
    private final class Counter: Sendable {
        private let value = Mutex(0)
        func add() { value.withLock { $0 += 1 } }
        var count: Int { value.withLock { $0 } }
    }

    @Sendable private static func tick(_ counter: Counter) -> SimulatedHost.Program {
        { process in
            while true {
                try await process.environment.clock.sleep(for: .seconds(1))
                counter.add()
            }
        }
    }

    @Test func `nothing of a crashed program runs again`() throws {
        let counter = Counter()
        let unwound = Counter()
        try Simulator(seed: 1).run { simulator in
            let clock = simulator.environment.clock
            let host = simulator.host("a")
            host.start { process in
                defer { unwound.add() }
                try await Self.tick(counter)(process)
            }
            try await clock.sleep(for: .milliseconds(10_500))
            #expect(counter.count == 10)
            let process = try #require(host.process)
            host.crash(.process)
            #expect(!process.isAlive)
            try await clock.sleep(for: .seconds(100))
            #expect(counter.count == 10)
            #expect(unwound.count == 0)
        }
        // Its memory is freed all the same, once nobody can be misled.
        #expect(unwound.count == 1)
    }

    @Test func `a restarted host runs its program anew`() throws {
        let counter = Counter()
        try Simulator(seed: 2).run { simulator in
            let clock = simulator.environment.clock
            let host = simulator.host("a")
            host.start(Self.tick(counter))
            try await clock.sleep(for: .milliseconds(3500))
            host.crash(.machine)
            try await clock.sleep(for: .seconds(10))
            host.restart()
            #expect(host.process?.number == 2)
            try await clock.sleep(for: .milliseconds(2500))
        }
        #expect(counter.count == 5)
    }

    @Test func `a paused program finds that time has passed`() throws {
        let lengths = try Simulator(seed: 3).run { simulator in
            let clock = simulator.environment.clock
            let host = simulator.host("a")
            let lengths = Mutex<[Duration]>([])
            host.start { process in
                let clock = process.environment.clock
                for _ in 0..<3 {
                    let start = clock.now
                    try await clock.sleep(for: .seconds(1))
                    lengths.withLock { $0.append(start.duration(to: clock.now)) }
                }
            }
            try await clock.sleep(for: .milliseconds(1500))
            host.pause()
            try await clock.sleep(for: .seconds(30))
            #expect(lengths.withLock { $0.count } == 1)
            host.resume()
            try await clock.sleep(for: .seconds(10))
            return lengths.withLock { $0 }
        }
        #expect(lengths == [.seconds(1), .milliseconds(30_500), .seconds(1)])
    }

    @Test func `clocks of hosts have their own origin, rate and civil time`() throws {
        try Simulator(seed: 4).run { simulator in
            let clock = simulator.environment.clock
            let fast = simulator.host("fast")
            fast.clockDrift = 1000
            fast.wallClockError = .seconds(-90)
            let seen = Latch<(elapsed: Duration, civil: Timestamp, start: MonotonicInstant)>()
            fast.start { process in
                let start = process.environment.clock.now
                try await process.environment.clock.sleep(for: .seconds(1001))
                let elapsed = start.duration(to: process.environment.clock.now)
                seen.set((elapsed, process.environment.wallClock.now, start))
            }
            let begin = clock.now
            let (elapsed, civil, start) = try await seen.value()
            // 1,001 s of a clock that gains one in a thousand are 1,000 true ones.
            #expect(begin.duration(to: clock.now).inSeconds.rounded() == 1000)
            #expect(elapsed >= .seconds(1001) && elapsed < .milliseconds(1_001_001))
            let error = civil.duration(to: simulator.environment.wallClock.now)
            #expect(error.inSeconds.rounded() == 90)
            #expect(start != begin)
        }
    }

    @Test func `a crashed program that unwinds at once can do nothing any more`() throws {
        let errors = Counter()
        try Simulator(seed: 6).run { simulator in
            let clock = simulator.environment.clock
            let host = simulator.host("a")
            host.start { process in
                do {
                    try await process.environment.clock.sleep(for: .seconds(100))
                } catch {
                    let deadline = process.environment.clock.now.advanced(by: .seconds(1))
                    do {
                        _ = try await process.network.connect(
                            to: NetworkAddress(host: "b", port: 1), before: deadline)
                    } catch is CancellationError {
                        errors.add()
                    }
                    try await process.environment.clock.sleep(for: .seconds(1))
                }
            }
            try await clock.sleep(for: .seconds(1))
            host.crash(.process, unwinding: true)
            try await clock.sleep(for: .seconds(1))
            #expect(errors.count == 1)
            host.restart()
            try await clock.sleep(for: .seconds(1))
        }
    }

    @Test func `children of a program crash with it`() throws {
        let counter = Counter()
        try Simulator(seed: 5).run { simulator in
            let host = simulator.host("a")
            host.start { process in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<10 { group.addTask { try await Self.tick(counter)(process) } }
                    try await group.waitForAll()
                }
            }
            try await simulator.environment.clock.sleep(for: .milliseconds(1500))
            host.crash(.process)
            try await simulator.environment.clock.sleep(for: .seconds(60))
        }
        #expect(counter.count == 10)
    }
}

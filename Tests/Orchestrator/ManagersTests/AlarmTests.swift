import ClusterModel
import Concurrency
import Core
import Simulation
import Synchronization
import Testing

@testable import Managers

struct AlarmTests {
    private final class Rings: Sendable {
        let list = Mutex<[String]>([])
    }

    /// Runs alarms for 100 virtual seconds while `body` sets them; returns who was rung when, in seconds.
    private static func ring(
        _ body: @escaping @Sendable (Alarms, SimulatedProcess, SimulatedHost) async throws -> Void
    ) throws -> [String] {
        try Simulator(seed: 1).run { simulator in
            let rings = Rings()
            let host = simulator.host("manager")
            host.start { process in
                let alarms = Alarms(environment: process.environment)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await alarms.run { task in
                            let time = Int(simulator.now.inSeconds.rounded())
                            rings.list.withLock { $0.append("\(task.text.suffix(1)) at \(time)") }
                        }
                    }
                    try await body(alarms, process, host)
                    try await group.waitForAll()
                }
            }
            try await simulator.environment.clock.sleep(for: .seconds(100))
            return rings.list.withLock { $0 }
        }
    }

    private static func task(_ number: UInt64) -> TaskID {
        TaskID(time: Timestamp(microseconds: 0), random: number)
    }

    private static func at(_ seconds: Int64, _ process: SimulatedProcess) -> Timestamp {
        process.environment.wallClock.now.advanced(by: .seconds(seconds))
    }

    @Test func `each rings at its time, also one that is set later and comes first`() throws {
        let rings = try Self.ring { alarms, process, _ in
            alarms.set(Self.task(1), at: Self.at(50, process))
            alarms.set(Self.task(2), at: Self.at(20, process))
            try await process.environment.clock.sleep(for: .seconds(3))
            alarms.set(Self.task(3), at: Self.at(2, process))
        }
        #expect(rings == ["3 at 5", "2 at 20", "1 at 50"])
    }

    @Test func `a task's latest order counts, and a cancelled one does not ring`() throws {
        let rings = try Self.ring { alarms, process, _ in
            alarms.set(Self.task(1), at: Self.at(5, process))
            alarms.set(Self.task(1), at: Self.at(30, process))
            alarms.set(Self.task(2), at: Self.at(10, process))
            alarms.cancel(Self.task(2))
        }
        #expect(rings == ["1 at 30"])
    }

    @Test func `none rings earlier or later when civil time is set`() throws {
        let rings = try Self.ring { alarms, process, host in
            alarms.set(Self.task(1), at: Self.at(40, process))
            alarms.set(Self.task(2), at: Self.at(90, process))
            try await process.environment.clock.sleep(for: .seconds(5))
            host.wallClockError = .seconds(-3600)
            try await process.environment.clock.sleep(for: .seconds(60))
            host.wallClockError = .seconds(3600)
        }
        #expect(rings == ["1 at 40", "2 at 90"])
    }
}

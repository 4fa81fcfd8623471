import ClusterModel
import Concurrency
import Core
import Glibc
import NodeServices
import RPCModel
import Synchronization
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

/// What every connection to a node does, near or far.
@Suite("A connection to a node")
struct NodeConnectionContract {
    private static let started = AttemptEvent.started(
        at: Timestamp(microseconds: 1), ports: [], warnings: ["staged"])
    private static let stopped = AttemptEvent.exited(
        code: 143, at: Timestamp(microseconds: 2), reason: "exit code 143")

    @Test("tells what the machine is, its runtimes probed", arguments: Machine.Way.allCases)
    func describes(_ way: Machine.Way) async throws {
        try await Machine.with(way) { _, connection in
            let node = await connection.describe()
            #expect((node.id, node.name) == (Machine.node, "one"))
            #expect(node.runtimes.map(\.detail) == ["staged"])
        }
    }

    @Test("starts an attempt and reports its start and its end", arguments: Machine.Way.allCases)
    func startsAndStops(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            connection.perform(.launch(Machine.launch, on: Machine.node))
            let first = try await machine.events(1)
            #expect(first == [Self.started])
            connection.perform(.stop(Machine.place, grace: .seconds(1)))
            let second = try await machine.events(1)
            #expect(second == [Self.stopped])
        }
    }

    @Test("reports a start that was refused, with what to do", arguments: Machine.Way.allCases)
    func refusal(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            var launch = Machine.launch
            launch.taskName = "refused"
            connection.perform(.launch(launch, on: Machine.node))
            let events = try await machine.events(1)
            #expect(events == [.startFailed(reason: "no such command; choose another", retry: false)])
        }
    }

    @Test("lists what runs and what ended, and forgets what it is told to", arguments: Machine.Way.allCases)
    func lists(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            #expect(await connection.attempts() == [.process: []])
            connection.perform(.launch(Machine.launch, on: Machine.node))
            _ = try await machine.events(1)
            var found = await connection.attempts()[.process]
            #expect(found?.map(\.attempt) == [Machine.launch.attempt])
            #expect(found?.first?.exit == nil)
            machine.runtime.end(Machine.launch.attempt, code: 3)
            _ = try await machine.events(1)
            found = await connection.attempts()[.process]
            #expect(found?.first?.exit?.code == 3)
            connection.perform(.remove(Machine.place))
            try await eventually { await connection.attempts() == [.process: []] }
        }
    }

    @Test("reports the end of an attempt once, however often it is watched", arguments: Machine.Way.allCases)
    func watchesOnce(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            connection.perform(.launch(Machine.launch, on: Machine.node))
            _ = try await machine.events(1)
            for _ in 0..<5 { connection.perform(.watch(Machine.place)) }
            // A refusal behind them, so that all five were taken.
            var other = Machine.launch
            other.taskName = "refused"
            other.attempt = AttemptID(time: Timestamp(microseconds: 0), random: 8)
            connection.perform(.launch(other, on: Machine.node))
            try await eventually { machine.worker.workReport.inbox == 0 }
            #expect(machine.runtime.state.withLock { $0.watches } == 1)
        }
    }

    @Test("an end that came while nobody watched is told to who asks later", arguments: Machine.Way.allCases)
    func watchesLate(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            connection.perform(.launch(Machine.launch, on: Machine.node))
            _ = try await machine.events(1)
            machine.runtime.end(Machine.launch.attempt, code: 3)
            _ = try await machine.events(1)
            connection.perform(.watch(Machine.place))
            let again = AttemptEvent.exited(
                code: 3, at: Timestamp(microseconds: 2), reason: "exit code 3")
            #expect(try await machine.events(1) == [again])
        }
    }

    @Test("makes a volume for a task, and removes it when it is told to", arguments: Machine.Way.allCases)
    func volumes(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            var launch = Machine.launch
            launch.spec.volumes = [VolumeMount(name: "data")]
            connection.perform(.launch(launch, on: Machine.node))
            _ = try await machine.events(1)
            let path = machine.directory + "/default/data"
            #expect(access(path, F_OK) == 0)
            for _ in 0..<2 {
                try await connection.remove(VolumeID("data", in: "default"))
                #expect(access(path, F_OK) != 0)
            }
            await #expect(throws: (any Error).self) {
                try await connection.remove(VolumeID("..", in: "default"))
            }
        }
    }

    @Test("reads what an attempt wrote, as it comes, to its end", arguments: Machine.Way.allCases)
    func logs(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            connection.perform(.launch(Machine.launch, on: Machine.node))
            _ = try await machine.events(1)
            let large = [UInt8](repeating: 7, count: 600_000)
            let records = [
                LogRecord(stream: .stdout, time: Timestamp(microseconds: 1), bytes: [1, 2]),
                LogRecord(stream: .stderr, time: Timestamp(microseconds: 2), bytes: large),
                LogRecord(stream: .stdout, time: Timestamp(microseconds: 3), bytes: large),
                LogRecord(stream: .stdout, time: Timestamp(microseconds: 4), bytes: large),
            ]
            for record in records { #expect(machine.runtime.output.send(record)) }
            let reader = try await connection.logs(Machine.place, LogQuery(follow: true))
            var read: [LogRecord] = []
            while read.count < records.count, let batch = try await reader.next() {
                #expect(!batch.isEmpty)
                read += batch
            }
            #expect(read == records)
            machine.runtime.output.close()
            #expect(try await reader.next() == nil)
            await reader.close()
        }
    }

    @Test("says that it has no such attempt", arguments: Machine.Way.allCases)
    func unknown(_ way: Machine.Way) async throws {
        try await Machine.with(way) { _, connection in
            await #expect(throws: RuntimeError.unknownAttempt) {
                try await connection.logs(Machine.place, LogQuery())
            }
            await #expect(throws: RuntimeError.unknownAttempt) {
                try await connection.usage(Machine.place)
            }
        }
    }

    @Test("tells what an attempt uses, and nothing once it has ended", arguments: Machine.Way.allCases)
    func usage(_ way: Machine.Way) async throws {
        try await Machine.with(way) { machine, connection in
            connection.perform(.launch(Machine.launch, on: Machine.node))
            _ = try await machine.events(1)
            let usage = try await connection.usage(Machine.place)
            #expect(usage == AttemptUsage(cpuSeconds: 1.5, memory: ByteCount(4096), processes: 2))
            machine.runtime.end(Machine.launch.attempt, code: 0)
            _ = try await machine.events(1)
            #expect(try await connection.usage(Machine.place) == nil)
        }
    }
}

/// Returns once `condition` holds; the deadline is that of the test.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        // lint:allow sleeping it looks again
        try await Environment.live.clock.sleep(for: .milliseconds(5))
    }
}

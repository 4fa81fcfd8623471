import APIClients
import APIMessages
import Benchmarks
import ClusterModel
import Concurrency
import Core
import Documents
import Glibc
import HTTPModel
import JobModel
import PlatformClients

/// Tasks that write one line and end, through the platform as a user runs it: identity, audit, metrics and durable records on.
enum NoopCases {
    private static let count = 2000
    private static let callers = 32
    private static let executable = "/bin/echo"

    static let tasks = Case(
        "noop-tasks", unit: "tasks/s", better: .higher,
        note: """
            \(count) tasks of \(executable), each submitted by a call of its own, \(callers) callers; until all have ended; \
            exit codes, logs and records kept and checked
            """,
        peers: [forkExec]
    ) { try await contest($0, submitted) }

    static let array = Case(
        "noop-array", unit: "tasks/s", better: .higher,
        note: """
            one batch job of \(count) instances of \(executable), from its submission until it has completed; exit codes, \
            logs and records kept and checked
            """,
        peers: [forkExec]
    ) { try await contest($0, arrayed) }

    static let managerTime = Case(
        "manager-cpu-per-task", unit: "ms", better: .lower,
        note: """
            processor time of a manager alone, its workers in processes of their own, for each task of a batch job of \
            \(count), from its submission until it has completed, asked for 20 times a second; audit, metrics, mutual TLS and \
            durable records on; exit codes, logs and records checked after it
            """
    ) { workshop in
        let manager = try await Platform.start(
            in: workshop, verb: "manager", arguments: ["--nodes-port", "0"])
        try await WorkerProgram.join(manager, name: "one", in: workshop)
        let number = SharedCounter()
        _ = try await arrayed(number.take(), manager, workshop)
        return Contest {
            let run = number.take()
            let facts = ProcessFacts(manager.pid)
            let before = try facts.processorTime()
            let (client, name) = (manager.client(), "noop-\(run)")
            _ = try await complete(name, client, workshop.environment.clock, asking: .milliseconds(50))
            let spent = try facts.processorTime() - before
            try await check(name + "-", client)
            return Double(spent.inMicroseconds) / 1000 / Double(count)
        }
    }

    // MARK: Ours

    private static func submitted(
        _ run: Int, _ platform: Platform, _ workshop: Workshop
    ) async throws -> Double {
        let client = platform.client(connections: callers)
        let clock = workshop.environment.clock
        let start = clock.now
        let next = SharedCounter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    while true {
                        let index = next.take()
                        guard index < count else { return }
                        let request = TaskRequest(
                            name: "noop-\(run)-\(index)",
                            spec: TaskSpec(executable: executable, command: ["\(index)"]))
                        _ = try await client.submit(request, key: "noop-\(run)-\(index)")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await settled(client, clock)
        let elapsed = start.duration(to: clock.now)
        try await check("noop-\(run)-", client)
        return rate(elapsed)
    }

    private static func arrayed(
        _ run: Int, _ platform: Platform, _ workshop: Workshop
    ) async throws -> Double {
        let (client, name) = (platform.client(), "noop-\(run)")
        let elapsed = try await complete(
            name, client, workshop.environment.clock, asking: .milliseconds(5))
        try await check(name + "-", client)
        return rate(elapsed)
    }

    /// Runs a batch, and returns how long it took until it had completed, which is asked for so often.
    private static func complete(
        _ name: String, _ client: PlatformClient, _ clock: any MonotonicClock, asking interval: Duration
    ) async throws -> Duration {
        let task = JobTask(
            name: "echo", instances: count,
            spec: TaskSpec(executable: executable, command: ["hello"]))
        let spec = JobSpec(name: name, type: .batch, tasks: [task])
        let start = clock.now
        let body = try JSONWriter.bytes(encoding: spec)
        _ = try await client.api.call(.post, "/jobs", body: body, key: name)
        while true {
            let page: JobPage = try await client.api.decode(client.api.call(.get, "/jobs?limit=500"))
            guard let job = page.items.first(where: { $0.name == name }) else {
                throw ApolloError(.unavailable, "job \(name) is not there")
            }
            if job.state == .completed { return start.duration(to: clock.now) }
            guard !job.state.isFinal else {
                throw ApolloError(.unavailable, "job \(name) is \(job.state.rawValue): \(job.reason)")
            }
            guard start.duration(to: clock.now) < .seconds(120) else {
                throw ApolloError(
                    .deadline, "job \(name) is \(job.state.rawValue) after two minutes: \(job.reason)")
            }
            try await clock.sleep(for: interval)
        }
    }

    /// Returns once no task is unfinished.
    private static func settled(_ client: PlatformClient, _ clock: any MonotonicClock) async throws {
        let start = clock.now
        while try await !client.tasks(.unfinished, limit: 1).items.isEmpty {
            guard start.duration(to: clock.now) < .seconds(120) else {
                throw ApolloError(.deadline, "some tasks are unfinished after two minutes")
            }
            try await clock.sleep(for: .milliseconds(5))
        }
    }

    /// All of the run's tasks have completed with exit code 0, and some are asked for what they wrote.
    private static func check(_ prefix: String, _ client: PlatformClient) async throws {
        let records = try await client.allTasks().filter { $0.name.hasPrefix(prefix) }
        guard records.count == count else {
            throw ApolloError(.unavailable, "\(records.count) of \(count) tasks are on record")
        }
        for (number, record) in records.enumerated() {
            guard record.state == .completed, record.current?.exitCode == 0 else {
                throw ApolloError(
                    .unavailable, "task \(record.name) is \(record.state.rawValue): \(record.reason)")
            }
            guard number % 100 == 0 else { continue }
            var lines = try await client.logs(record.name, LogsQuery())
            var text = ""
            while let more = try await lines.next() { text += more.compactMap(\.text).joined() }
            let expected = record.spec.command.last ?? ""
            guard text == expected + "\n" else {
                throw ApolloError(.unavailable, "task \(record.name) wrote '\(text)', not '\(expected)'")
            }
        }
    }

    private static func rate(_ elapsed: Duration) -> Double {
        Double(count) / (Double(elapsed.inMicroseconds) / 1e6)
    }

    // MARK: The peer

    private static let forkExec = Peer("fork-exec", installation: "it is a part of apollo-bench") { _ in
        ProcessCase.libraryVersion
    }

    /// A platform that does `work`, each time under another number, beside a bare loop.
    private static func contest(
        _ workshop: Workshop,
        _ work: @escaping @Sendable (_ run: Int, Platform, Workshop) async throws -> Double
    ) async throws -> Contest {
        let platform = try await Platform.start(in: workshop)
        let number = SharedCounter()
        var contest = Contest { try await work(number.take(), platform, workshop) }
        let pool = BlockingPool(name: "spawn", threads: 1)
        workshop.onClose { pool.stop() }
        contest.peers["fork-exec"] = {
            let clock = workshop.environment.clock
            let start = clock.now
            try await pool.run {
                for index in 0..<count {
                    let status = try ChildProcess(executable, ["\(index)"]).wait(within: .seconds(10))
                    guard status == 0 else {
                        throw ApolloError(.unavailable, "\(executable) ended with \(status)")
                    }
                }
            }
            return rate(start.duration(to: clock.now))
        }
        return contest
    }
}

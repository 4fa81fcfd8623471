import APIMessages
import Benchmarks
import ClusterModel
import Core
import Glibc
import PlatformClients

/// How soon the platform reacts: to a failure, to a line of output, to a machine that is gone. Through the real program.
enum ReactionCases {
    private static let restarts = 20
    private static let lines = 100
    private static let backOff = Duration.milliseconds(50)
    private static let lease = Duration.seconds(2)
    private static let grace = Duration.milliseconds(500)

    static let restart = Case(
        "restart-after-failure", unit: "ms", better: .lower,
        note: """
            p50 of \(restarts) restarts of a failing executable: from the end of an attempt to the start of the next, less the \
            back-off of \(backOff.short) (promised are 50 ms beyond it)
            """
    ) { workshop in
        let client = try await Platform.start(in: workshop).client()
        let number = SharedCounter()
        return Contest { try await restarted(number.take(), client, workshop) }
    }

    static let logLatency = Case(
        "log-latency", unit: "ms", better: .lower,
        note: """
            p50 of \(lines) lines, one after the other: from when an executable is given a line that it writes, to when a client \
            that follows its output over HTTP has read it (promised are 20 ms)
            """
    ) { workshop in
        let client = try await Platform.start(in: workshop).client()
        let pipe = workshop.path("lines")
        guard mkfifo(pipe, 0o600) == 0 else {
            throw ApolloError(.unavailable, "cannot make \(pipe): \(String(cString: strerror(errno)))")
        }
        // Read and write, so that neither end waits for the other (fifo(7)).
        let descriptor = open(pipe, O_RDWR | O_CLOEXEC)
        workshop.onClose { close(descriptor) }
        let number = SharedCounter()
        return Contest { try await echoed(number.take(), descriptor, pipe, client, workshop) }
    }

    static let replacement = Case(
        "node-loss-to-replaced", unit: "s", better: .lower,
        note: """
            from SIGSTOP of a worker until its task runs on another (lease \(lease.short), then a grace of \(grace.short) and a back-off of 500ms)
            """
    ) { workshop in
        let manager = try await Platform.start(
            in: workshop, verb: "manager",
            arguments: ["--nodes-port", "0", "--lease", lease.short],
            variables: ["APOLLO_NODES_GRACE": grace.short])
        let client = manager.client()
        var workers: [String: Int32] = [:]
        for name in ["one", "two"] {
            workers[name] = try await WorkerProgram.join(manager, name: name, in: workshop).pid
        }
        let (pids, number) = (workers, SharedCounter())
        return Contest { try await replaced(number.take(), pids, client, workshop) }
    }

    // MARK: Samples

    private static func restarted(
        _ run: Int, _ client: PlatformClient, _ workshop: Workshop
    ) async throws -> Double {
        var request = TaskRequest.process("/bin/false")
        // Records keep ten attempts, so it takes several tasks.
        request.spec.restart = RestartPolicy(
            mode: .onFailure, attempts: 9, wait: Seconds(backOff.inSeconds), factor: 1,
            maximumWait: Seconds(backOff.inSeconds))
        var waits: [Double] = []
        var part = 0
        while waits.count < restarts {
            part += 1
            request.name = "failing-\(run)-\(part)"
            let submitted = try await client.submit(request, key: request.name ?? "")
            let record = try await finished(submitted, client, workshop)
            guard record.state == .failed, record.attempts.count == 10 else {
                throw ApolloError(
                    .unavailable,
                    "\(record.name) is \(record.state.rawValue) after \(record.attemptCount) tries")
            }
            for (before, after) in zip(record.attempts, record.attempts.dropFirst()) {
                guard let end = before.endedAt, let start = after.startedAt else {
                    throw ApolloError(.unavailable, "\(record.name) has an attempt that did not run")
                }
                waits.append(milliseconds(end.duration(to: start) - backOff))
            }
        }
        return Samples(waits).median
    }

    private static func echoed(
        _ run: Int, _ descriptor: Int32, _ pipe: String, _ client: PlatformClient, _ workshop: Workshop
    ) async throws -> Double {
        let name = "echo-\(run)"
        var request = TaskRequest.process(
            "/bin/sh", ["-c", "echo ready; while read line; do echo \"$line\"; done < \(pipe)"])
        request.name = name
        request.spec.stopGrace = Seconds(0)
        _ = try await client.submit(request, key: name)
        let clock = workshop.environment.clock
        var reader = Reader(lines: try await client.logs(name, LogsQuery(follow: true)))
        try await reader.read(until: "ready\n")
        var times: [Double] = []
        for line in 0..<lines {
            let text = "line \(run) \(line)\n"
            let start = clock.now
            guard write(descriptor, text, text.utf8.count) == text.utf8.count else {
                throw ApolloError(.unavailable, "cannot write to \(pipe)")
            }
            try await reader.read(until: text)
            times.append(milliseconds(start.duration(to: clock.now)))
        }
        _ = try await client.stop(name, grace: Seconds(0))
        return Samples(times).median
    }

    private static func replaced(
        _ run: Int, _ workers: [String: Int32], _ client: PlatformClient, _ workshop: Workshop
    ) async throws -> Double {
        let clock = workshop.environment.clock
        func nodes() async throws -> [Node] { try await client.nodes().filter { $0.state == .ready } }
        try await waiting("both workers are there", clock) { try await nodes().count == 2 }
        var request = TaskRequest.process("/bin/sleep", ["1000"])
        request.name = "moved-\(run)"
        let name = "moved-\(run)"
        request.spec.stopGrace = Seconds(0)
        request.spec.restart = RestartPolicy(mode: .onFailure)
        _ = try await client.submit(request, key: name)
        try await waiting("the task runs", clock) { try await client.task(name).state == .running }
        let first = try await client.task(name).current?.node
        guard let node = try await nodes().first(where: { $0.id == first }), let pid = workers[node.name]
        else {
            throw ApolloError(.unavailable, "the task runs on no worker that is known")
        }
        let start = clock.now
        kill(pid, SIGSTOP)
        defer { kill(pid, SIGCONT) }
        try await waiting("the task runs elsewhere", clock) {
            let record = try await client.task(name)
            return record.state == .running && record.current?.node != first
        }
        let elapsed = milliseconds(start.duration(to: clock.now)) / 1000
        kill(pid, SIGCONT)
        _ = try await client.stop(name, grace: Seconds(0))
        try await waiting("the worker is back", clock) { try await nodes().count == 2 }
        return elapsed
    }

    // MARK: Waiting

    private static func finished(
        _ task: TaskRecord, _ client: PlatformClient, _ workshop: Workshop
    ) async throws -> TaskRecord {
        var events = try await client.watch(task.id.text)
        while let event = try await events.next() {
            if case .state(let record) = event, record.state.isFinal { return record }
        }
        throw ApolloError(.unavailable, "the events of task \(task.name) ended before the task did")
    }

    private static func waiting(
        _ what: String, _ clock: any MonotonicClock, _ isThere: () async throws -> Bool
    ) async throws {
        let start = clock.now
        while try await !isThere() {
            guard start.duration(to: clock.now) < .seconds(30) else {
                throw ApolloError(.deadline, "\(what): not within 30s")
            }
            try await clock.sleep(for: .milliseconds(5))
        }
    }

    private static func milliseconds(_ duration: Duration) -> Double {
        Double(duration.inMicroseconds) / 1000
    }

    /// Reads output up to a line.
    private struct Reader: ~Copyable {
        var lines: LogLines
        var read = ""

        mutating func read(until text: String) async throws {
            while !read.contains(text) {
                guard let more = try await lines.next() else {
                    throw ApolloError(.unavailable, "the output ended before '\(text)'")
                }
                read += more.compactMap(\.text).joined()
            }
            read = ""
        }
    }
}

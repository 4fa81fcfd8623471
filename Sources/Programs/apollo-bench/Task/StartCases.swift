import Benchmarks
import Concurrency
import Core
import HTTPClients
import HTTPModel
import Synchronization

/// How long a person waits at the prompt: for the platform, and for a command.
enum StartCases {
    /// From `apollo up` to its first answer, on a new data directory.
    static let platform = Case(
        "up-to-first-answer", unit: "ms", better: .lower,
        note:
            "from the start of 'apollo up' on an empty directory to the answer of /healthz, looked for each ms"
    ) { workshop in
        let apollo = try OwnPrograms.apollo()
        let http = HTTPClient(HTTPClientConfiguration(retry: .never))
        workshop.onClose { await http.close() }
        let number = Mutex(0)
        return Contest {
            let data = workshop.path("up-\(number.withLock { $0 += 1; return $0 })")
            let clock = workshop.environment.clock
            let start = clock.now
            let child = try ChildProcess(
                apollo, ["up", "--data", data, "--port", "0", "--docker-socket", workshop.path("none")])
            workshop.onClose { await child.stop(clock: clock) }
            while start.duration(to: clock.now) < .seconds(20) {
                if let address = try TextFile.read(data + "/address"), address.hasSuffix("\n") {
                    let response = try await http.send(
                        HTTPClientRequest(.get, address.dropLast() + "/healthz"))
                    guard response.status == .ok else { break }
                    let taken = start.duration(to: clock.now)
                    await child.stop(clock: clock)
                    return Double(taken.inMicroseconds) / 1000
                }
                try await clock.sleep(for: .milliseconds(1))
            }
            throw ApolloError(.deadline, "the platform did not answer within 20s")
        }
    }

    static let command = commandCase("command-p50", tasks: 0)
    static let commandWithTasks = commandCase("command-p50-100-tasks", tasks: 100)

    private static func commandCase(_ name: String, tasks: Int) -> Case {
        Case(
            name, unit: "ms", better: .lower,
            note: "p50 of 50 runs of 'apollo task ps --all' with \(tasks) tasks, output read to its end"
        ) { workshop in
            let apollo = try OwnPrograms.apollo()
            let platform = try await Platform.start(in: workshop)
            let client = platform.client()
            for _ in 0..<tasks { _ = try await client.runToEnd(.process("/bin/true"), in: workshop) }
            let pool = BlockingPool(name: "command", threads: 1)
            workshop.onClose { pool.stop() }
            let output = workshop.path("ps.output")
            return Contest {
                try await ProcessCase.median(of: 50, workshop.environment.clock) {
                    let status = try await pool.run {
                        let words = ["task", "ps", "--all", "--data", platform.data]
                        return try ChildProcess(apollo, words, output: output).wait(within: .seconds(10))
                    }
                    guard status == 0 else {
                        throw ApolloError(.unavailable, "'apollo task ps' ended with \(status)")
                    }
                }
            }
        }
    }
}

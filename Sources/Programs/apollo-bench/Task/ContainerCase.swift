import Benchmarks
import ClusterModel
import Concurrency
import Core
import Glibc
import PlatformClients

/// From the submission of a container to its exit in the hands of whoever waits.
enum ContainerCase {
    static let tasks = 10
    private static let installation = "apt-get install docker.io runc"

    static let benchmark = Case(
        "container-submit-to-exit", unit: "ms", better: .lower,
        note: "p50 of \(tasks) containers of Debian's busybox one after the other",
        peers: [
            Peer("docker", installation: installation) { try await version("docker", of: $0) },
            Peer("runc", installation: installation) { try await version("runc", of: $0) },
        ]
    ) { workshop in
        let engine = try await ContainerEngine.find(in: workshop)
        let image = try await BusyboxBundle.make(in: workshop)
        try await engine.take(image, in: workshop)
        let platform = try await Platform.start(in: workshop, arguments: ["--docker-socket", engine.socket])
        let client = platform.client()
        let request = TaskRequest(spec: TaskSpec(image: ContainerEngine.image, command: ["true"]))
        let clock = workshop.environment.clock
        _ = try await client.runToEnd(request, in: workshop)
        var contest = Contest {
            try await ProcessCase.median(of: tasks, clock) {
                _ = try await client.runToEnd(request, in: workshop)
            }
        }
        contest.remark = "engine at \(engine.isOurs ? "a socket of its own" : engine.socket)"
        let pool = BlockingPool(name: "spawn", threads: 1)
        workshop.onClose { pool.stop() }
        contest.peers["docker"] = {
            try await program(
                pool, clock, "docker", ["-H", engine.address, "run", "--rm", ContainerEngine.image, "true"])
        }
        contest.peers["runc"] = { try await runc(image, pool, workshop) }
        return contest
    }

    /// The bare runtime on the same files.
    static func runc(_ bundle: BusyboxBundle, _ pool: BlockingPool, _ workshop: Workshop) async throws
        -> Double
    {
        try await program(
            pool, workshop.environment.clock, "runc",
            [
                "--root", workshop.path("runc"), "run", "--bundle", bundle.directory,
                "apollo-bench-\(getpid())",
            ])
    }

    private static func program(
        _ pool: BlockingPool, _ clock: any MonotonicClock, _ name: String, _ arguments: [String]
    ) async throws -> Double {
        try await ProcessCase.median(of: tasks, clock) {
            let status = try await pool.run {
                try ChildProcess(name, arguments).wait(within: .seconds(30))
            }
            guard status == 0 else { throw ApolloError(.unavailable, "'\(name) run' ended with \(status)") }
        }
    }

    /// "Docker version 20.10.24, build 297e128", "runc version 1.1.5+ds1".
    static func version(_ program: String, of workshop: Workshop) async throws -> String? {
        // What cannot be started is not installed.
        guard let said = try? await workshop.run(program, ["--version"]).output else { return nil }
        let words = said.split { $0.isWhitespace || $0 == "," }
        return words.count > 2 ? String(words[2]) : nil
    }
}

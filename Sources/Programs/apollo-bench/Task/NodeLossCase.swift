import Benchmarks
import ClusterModel
import Concurrency
import Core
import Glibc
import PlatformClients

/// How soon a machine that says nothing any more is lost.
enum NodeLossCase {
    private static let lease = Duration.seconds(2)

    static let benchmark = Case(
        "node-loss-noticed", unit: "ms", better: .lower,
        note:
            "from SIGSTOP of a worker until its lease has lapsed for the manager (lease 2 s; promised is the lease plus 1 s)"
    ) { workshop in
        let manager = try await Platform.start(
            in: workshop, verb: "manager", arguments: ["--nodes-port", "0", "--lease", lease.short])
        let worker = try await WorkerProgram.join(manager, name: "one", in: workshop)
        let client = manager.client()
        let clock = workshop.environment.clock
        return Contest {
            try await waiting(client, clock) { $0?.state == .ready }
            let start = clock.now
            kill(worker.pid, SIGSTOP)
            defer { kill(worker.pid, SIGCONT) }
            try await waiting(client, clock) { node in
                guard let reason = node?.reason else { return false }
                // Before that the session with it breaks, which is "not reached: …".
                return reason.hasPrefix("no sign of life for") || reason.hasPrefix("not reached for")
            }
            return Double(start.duration(to: clock.now).inMicroseconds) / 1000
        }
    }

    private static func waiting(
        _ client: PlatformClient, _ clock: any MonotonicClock, _ isThere: (Node?) -> Bool
    ) async throws {
        let start = clock.now
        while start.duration(to: clock.now) < .seconds(30) {
            if isThere(try await client.nodes().first) { return }
            try await clock.sleep(for: .milliseconds(5))
        }
        throw ApolloError(.deadline, "the node did not change within 30s")
    }
}

import Benchmarks
import ClusterModel
import Concurrency
import Core
import Glibc
import PlatformClients

/// From the submission of a process to its exit in the hands of whoever waits.
enum ProcessCase {
    private static let tasks = 200

    static let benchmark = Case(
        "process-submit-to-exit", unit: "ms", better: .lower,
        note: "p50 of \(tasks) tasks one after the other, through the API; fork-exec only spawns and waits",
        peers: [
            Peer("fork-exec", installation: "it is a part of apollo-bench") { _ in libraryVersion }
        ]
    ) { workshop in
        let platform = try await Platform.start(in: workshop)
        let client = platform.client()
        let clock = workshop.environment.clock
        for _ in 0..<20 { _ = try await client.runToEnd(.process("/bin/true"), in: workshop) }
        var contest = Contest {
            try await median(of: tasks, clock) {
                _ = try await client.runToEnd(.process("/bin/true"), in: workshop)
            }
        }
        let pool = BlockingPool(name: "spawn", threads: 1)
        workshop.onClose { pool.stop() }
        contest.peers["fork-exec"] = {
            try await median(of: tasks, clock) {
                let status = try await pool.run {
                    try ChildProcess("/bin/true", []).wait(within: .seconds(10))
                }
                guard status == 0 else { throw ApolloError(.unavailable, "/bin/true ended with \(status)") }
            }
        }
        return contest
    }

    /// "glibc 2.36"
    static var libraryVersion: String {
        var text = [UInt8](repeating: 0, count: 64)
        let length = text.withUnsafeMutableBytes {
            confstr(Int32(_CS_GNU_LIBC_VERSION), $0.assumingMemoryBound(to: CChar.self).baseAddress, $0.count)
        }
        return String(decoding: text.prefix(max(0, length - 1)), as: UTF8.self)
    }

    /// The median of the milliseconds that `body` takes.
    static func median(
        of count: Int, _ clock: any MonotonicClock, _ body: () async throws -> Void
    ) async throws -> Double {
        var times: [Double] = []
        for _ in 0..<count {
            try Task.checkCancellation()
            let start = clock.now
            try await body()
            times.append(Double(start.duration(to: clock.now).inMicroseconds) / 1000)
        }
        return Samples(times).median
    }
}

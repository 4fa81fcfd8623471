import APIMessages
import Concurrency
import Core
import PlatformClients
import Terminal

/// Reads a task's output to its end, and goes on where it was when the connection is cut.
struct LogReading {
    let session: Session
    let task: String
    let query: LogsQuery

    /// How long the platform may stay away.
    private static let patience = Duration.seconds(20)

    /// Gives each line to `use`, none twice.
    func run(_ use: (LogLine) throws -> Void) async throws {
        let clock = LiveClock()
        var rest = query
        var cuts = Cuts()
        while true {
            do {
                // The platform may have another address by now, or another certificate.
                return try await session.withClient { client in
                    var lines = try await client.logs(task, rest)
                    cuts.connected()
                    while let batch = try await lines.next() {
                        for line in batch {
                            try use(line)
                            if let offset = line.offset { rest = rest.after(offset, of: line.attempt) }
                        }
                        cuts.heard()
                    }
                }
            } catch let error as ApolloError where cuts.isOne(error) {
                guard cuts.mayTryAgain(at: clock.now, within: Self.patience) else {
                    throw ApolloError(
                        .unavailable, "the platform is gone: \(error.message)",
                        hint: "its tasks run on; start it again with 'apollo up', and read on from there")
                }
                if cuts.isFirst {
                    try session.errors.write("apollo: the connection was cut; reading on where it was\n")
                }
                try await clock.sleep(for: cuts.pause())
            }
        }
    }

    /// The cuts since something was heard.
    private struct Cuts {
        private var backoff = Backoff(base: .milliseconds(200), cap: .seconds(2))
        private var hasConnected = false
        private var since: MonotonicInstant?

        var isFirst: Bool { backoff.count == 0 }

        mutating func connected() { hasConnected = true }

        mutating func heard() {
            backoff.reset()
            since = nil
        }

        /// Whether it is the connection that failed, of which there was one.
        func isOne(_ error: ApolloError) -> Bool {
            hasConnected && (error.kind == .unavailable || error.kind == .deadline)
        }

        mutating func mayTryAgain(at now: MonotonicInstant, within patience: Duration) -> Bool {
            let first = since ?? now
            since = first
            return first.duration(to: now) < patience
        }

        mutating func pause() -> Duration { backoff.next(random: Environment.live.random) ?? .zero }
    }
}

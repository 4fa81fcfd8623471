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

    /// Gives each line to `use`, none twice.
    func run(_ use: (LogLine) throws -> Void) async throws {
        let clock = LiveClock()
        var rest = query
        var cuts = ConnectionCuts()
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
                if cuts.isFirst {
                    try session.errors.write("apollo: the connection was cut; reading on where it was\n")
                }
                try await clock.sleep(for: cuts.pause(after: error, at: clock.now))
            }
        }
    }
}

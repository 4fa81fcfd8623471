import APIMessages
import ClusterModel
import Concurrency
import Core
import JobModel
import PlatformClients
import Synchronization
import Terminal

/// Reads the output of a job's tasks.
struct JobLogReading: Sendable {
    let session: Session
    let job: String
    let sources: LogSources
    let query: LogsQuery
    let printer: LogPrinter

    /// So many are followed at once: each takes a connection.
    private static let width = 100
    /// How soon an instance is seen that comes while others are followed.
    private static let pause = Duration.seconds(1)

    /// One after the other.
    func read() async throws {
        let (job, found) = try await now()
        if found.isEmpty {
            let hint =
                sources.all ? "" : "; 'apollo job logs --all \(job.name)' prints what those wrote that it had"
            try session.errors.write("apollo: job '\(job.name)' has no instances now\(hint)\n")
        }
        printer.widen(for: found)
        for source in found { try await read(source, query) }
    }

    /// All of them at once, and those that come, until the job is over.
    func follow() async throws {
        let clock = LiveClock()
        let reading = ReadingCount()
        try await withThrowingTaskGroup(of: Void.self) { group in
            var seen: Set<TaskID> = []
            var rest: [LogSource] = []
            var cuts = ConnectionCuts()
            var query = query
            var hasSaid = false
            while true {
                let job: JobRecord, found: [LogSource]
                do { (job, found) = try await now() } catch let error as ApolloError where cuts.isOne(error) {
                    try await clock.sleep(for: cuts.pause(after: error, at: clock.now))
                    continue
                }
                cuts.heard()
                rest += found.filter { seen.insert($0.task).inserted }
                let next = rest.prefix(Self.width - reading.count)
                rest.removeFirst(next.count)
                printer.widen(for: Array(next))
                for source in next {
                    reading.add(1)
                    group.addTask { [query] in
                        defer { reading.add(-1) }
                        try await read(source, query)
                    }
                }
                if !rest.isEmpty, !hasSaid {
                    hasSaid = true
                    try session.errors.write(
                        "apollo: following \(Self.width) instances at once, \(rest.count) more when others end; --task chooses\n"
                    )
                }
                // What comes later is read from its beginning.
                query.tail = nil
                query.since = nil
                if job.state.isFinal, rest.isEmpty {
                    try await group.waitForAll()
                    return
                }
                try await clock.sleep(for: Self.pause)
            }
        }
    }

    private func now() async throws -> (JobRecord, [LogSource]) {
        try await session.withClient { try await sources.now(of: job, $0) }
    }

    private func read(_ source: LogSource, _ query: LogsQuery) async throws {
        do {
            try await LogReading(session: session, task: source.task.text, query: query).run {
                try printer.print($0, of: source)
            }
        } catch let error as ApolloError where error.kind == .notFound {
            // It was removed meanwhile.
        }
        try printer.end(source)
    }
}

/// How many tasks are being read.
private final class ReadingCount: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add(_ difference: Int) { value.withLock { $0 += difference } }
}

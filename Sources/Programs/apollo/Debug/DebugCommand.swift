import APIMessages
import Arguments
import Core
import PlatformClients
import Terminal

/// `apollo debug`.
enum DebugCommand {
    private static let limit = Parameter.option(
        "limit", .integer("N", in: 1...1000), default: 20, help: "The most connections and threads to show.")

    static let command = Command(
        "debug", summary: "Show what every part of the platform is doing",
        discussion: """
            For who looks for what is slow or stuck: event loops, queues, threads and what blocks them, connections and the \
            requests under way. \
            For administrators: it shows the paths of everyone's requests, though not their queries or bodies.
            """,
        parameters: [limit],
        examples: [
            Example("what it is busy with", "apollo debug"),
            Example(
                "the longest turns of its loops", "apollo debug -o json | jq '.loops[] | {name, longestTurn}'"
            ),
        ],
        seeAlso: ["apollo doctor"]
    ) { invocation in
        let session = try Session(invocation)
        let limit = invocation[limit]
        let activity = try await session.withClient { try await $0.activity(limit: limit) }
        guard session.format == .table else {
            try session.output.writeJSON(activity)
            return .success
        }
        try session.output.write(fields: [
            ("Up for", duration(activity.uptime)), ("Memory", ByteCount(activity.residentBytes).description),
            ("Descriptors", "\(activity.openDescriptors)"), ("Connections", "\(activity.openConnections)"),
        ])
        try session.output.write("\n")
        try session.output.write(activity.loops, loops)
        try session.output.write("\n")
        try session.output.write(activity.queues, queues)
        try session.output.write("\n")
        if let threads = activity.blocking, !threads.isEmpty {
            try session.output.write(threads, blocking)
            try session.output.write("\n")
        }
        try session.output.write(Array(activity.threads.prefix(limit)), threads)
        if !activity.connections.isEmpty {
            try session.output.write("\n")
            try session.output.write(activity.connections, connections)
        }
        if let running = activity.calls, !running.isEmpty {
            try session.output.write("\n")
            try session.output.write(running, calls)
        }
        for loop in activity.loops where loop.lag == nil {
            try session.errors.write(
                "apollo: \(loop.name) does not answer: its turn has lasted \(loop.busyFor.map(duration) ?? "?")\n"
            )
        }
        return .success
    }

    private static let loops = Table<PlatformActivity.Loop>([
        Column("LOOP") { $0.name },
        Column("LAG", .right, style: { $0.lag == nil ? .red : nil }) { $0.lag.map(duration) ?? "stuck" },
        Column("TURN FOR", .right) { $0.busyFor.map(duration) },
        Column("LONGEST", .right, style: { $0.longestTurn > 0.1 ? .yellow : nil }) {
            duration($0.longestTurn)
        },
        Column("TURNS", .right) { "\($0.turns)" },
        Column("TASKS", .right) { "\($0.tasks)" },
        Column("QUEUED", .right) { "\($0.queued)" },
        Column("SOURCES", .right) { $0.sources.map { "\($0)" } },
        Column("TIMERS", .right) { $0.timers.map { "\($0)" } },
    ])

    private static let queues = Table<PlatformActivity.Queue>([
        Column("QUEUE") { $0.name }, Column("WAITING", .right) { "\($0.count)" },
        Column("LIMIT", .right) { $0.limit.map { "\($0)" } },
    ])

    private static let blocking = Table<PlatformActivity.Blocking>([
        Column("BLOCKING") { $0.name }, Column("THREADS", .right) { "\($0.threads)" },
        Column("WAITING", .right) { "\($0.waiting)" },
        Column("OLDEST", .right, style: { $0.oldestWait ?? 0 > 1 ? .yellow : nil }) {
            $0.oldestWait.map(duration)
        },
        Column("BUSY", .right) { "\($0.running.count)" },
        Column("FOR", .right) { $0.running.first.map { duration($0.seconds) } },
        Column("RUNS") { threads in threads.running.first.map { $0.what ?? "a call" } },
    ])

    private static let threads = Table<PlatformActivity.Thread>([
        Column("THREAD") { $0.name }, Column("ID", .right) { "\($0.id)" },
        Column("STATE") { state($0.state) }, Column("CPU", .right) { duration($0.cpuSeconds) },
    ])

    private static let connections = Table<PlatformActivity.Connection>([
        Column("PEER") { $0.peer }, Column("LOOP") { $0.loop },
        Column("STATE") { $0.state }, Column("AGE", .right) { duration($0.age) },
        Column("REQUESTS", .right) { "\($0.requests)" },
        Column("IN", .right) { ByteCount(Int64($0.received)).description },
        Column("OUT", .right) { ByteCount(Int64($0.sent)).description },
        Column("FOR", .right) { $0.requestAge.map(duration) },
        Column("REQUEST") { connection in connection.method.map { "\($0) \(connection.path ?? "")" } },
    ])

    private static let calls = Table<PlatformActivity.Call>([
        Column("CALL") { $0.method }, Column("PEER") { $0.peer }, Column("WHO") { $0.principal },
        Column("FOR", .right) { duration($0.age) },
    ])

    private static func state(_ letter: String) -> String {
        switch letter {
        case "R": "running"
        case "S", "I": "waiting"
        case "D": "on disk"
        default: letter
        }
    }

    private static func duration(_ seconds: Double) -> String { Duration.seconds(seconds).short }
}

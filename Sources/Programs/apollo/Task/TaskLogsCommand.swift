import APIMessages
import Arguments
import Core
import PlatformClients
import Terminal

/// `apollo task logs`.
enum TaskLogsCommand {
    static let handle = Parameter.argument(TaskCommand.handle, help: "The task.")
    static let follow = Parameter.flag("follow", short: "f", help: "Go on until the task is finished.")
    static let tail = Parameter.option(
        "tail", .integer("N", in: 0...10_000_000), help: "Begin with this many of the last lines.")
    static let since = Parameter.option(
        "since", TaskLogsCommand.moment, help: "Only what was written since then: 5m ago, or a time.")
    static let attempt = Parameter.option(
        "attempt", .integer("N", in: 1...Int.max),
        help: "The output of this attempt, rather than of the latest.")
    static let all = Parameter.flag(
        "all", short: "a", help: "The output of every attempt that is kept, one after the other.")
    static let timestamps = Parameter.flag("timestamps", short: "t", help: "The time before each piece.")

    enum Moment: Sendable {
        case ago(Duration)
        case at(Timestamp)
    }

    static let moment = ValueType<Moment>(
        "WHEN", expecting: "a duration such as 5m, or a time such as 2026-11-21T09:30:11Z"
    ) { text in
        if let time = Timestamp(parsing: text) { return .at(time) }
        return Duration(parsing: text).map { .ago($0) }
    }

    static let command = Command(
        "logs", summary: "Print what a task wrote",
        discussion: """
            Prints what the latest attempt wrote, stdout to stdout and stderr to stderr. Output is kept until the task is \
            removed, within the bounds that its node has for it (worker.logs). When the connection is cut, it is read on \
            where it was.
            """,
        parameters: [handle, follow, tail, since, attempt, all, timestamps],
        examples: [
            Example("follow it, from the last twenty lines on", "apollo task logs -f --tail 20 web"),
            Example("what the first try had to say", "apollo task logs --attempt 1 web"),
        ]
    ) { invocation in
        if invocation[all], invocation[attempt] != nil {
            throw invocation.usageError("--all and --attempt exclude each other")
        }
        let session = try Session(invocation)
        let query = LogsQuery(
            follow: invocation[follow], since: invocation[since].map { since(of: $0, session.now) },
            tail: invocation[tail], attempt: invocation[attempt], all: invocation[all])
        try await LogReading(session: session, task: invocation[handle], query: query).run {
            try print($0, session, timestamps: invocation[timestamps])
        }
        return .success
    }

    static func since(of moment: Moment, _ now: Timestamp) -> Timestamp {
        switch moment {
        case .ago(let duration): now.advanced(by: .zero - duration)
        case .at(let time): time
        }
    }

    private static func print(_ line: LogLine, _ session: Session, timestamps: Bool) throws {
        guard session.format == .table else {
            try session.output.write(bytes: Array(line.json) + [UInt8(ascii: "\n")])
            return
        }
        let output = line.stream == .stdout ? session.output : session.errors
        if timestamps { try output.write("\(line.time) ") }
        try output.write(bytes: line.bytes)
        if timestamps, line.bytes.last != UInt8(ascii: "\n") { try output.write("\n") }
    }
}

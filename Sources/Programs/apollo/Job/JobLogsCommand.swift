import Arguments
import PlatformClients

/// `apollo job logs`.
enum JobLogsCommand {
    private static let handle = Parameter.argument(JobCommand.handle, help: "The job.")
    private static let task = Parameter.option(
        "task", .text("NAME"), help: "The instances of this task of the job alone.")
    private static let run = Parameter.option(
        "run", .integer("N", in: 1...1_000_000_000),
        help: "This run of a cron job, rather than its latest.")
    private static let all = Parameter.flag(
        "all", short: "a", help: "Every task that it has made and that is kept, and every attempt of each.")
    private static let prefix = Parameter.flag(
        "prefix", default: true, help: "The name of the instance before each line.")

    static let command = Command(
        "logs", summary: "Print what the instances of a job wrote",
        discussion: """
            Of a service and a system job those that are there; of a batch, and of a cron job's latest run, the latest try of \
            each index. One instance after the other; with --follow as they write, those that come later too, until the job \
            is over.
            """,
        parameters: [
            handle, task, run, TaskLogsCommand.follow, TaskLogsCommand.tail, TaskLogsCommand.since, all,
            TaskLogsCommand.timestamps, prefix,
        ],
        examples: [
            Example("follow all of it", "apollo job logs -f --tail 20 shop"),
            Example("what one of its tasks says", "apollo job logs --task db shop"),
        ],
        seeAlso: ["apollo task logs", "apollo task ps"]
    ) { invocation in
        if invocation[run] != nil, invocation[all] {
            throw invocation.usageError("--run and --all exclude each other")
        }
        let session = try Session(invocation)
        let sources = LogSources(
            task: invocation[task], run: invocation[run].map { Int($0) }, all: invocation[all])
        let query = LogsQuery(
            follow: invocation[TaskLogsCommand.follow],
            since: invocation[TaskLogsCommand.since].map { TaskLogsCommand.since(of: $0, session.now) },
            tail: invocation[TaskLogsCommand.tail], all: invocation[all])
        let printer = LogPrinter(
            session: session, showsNames: invocation[prefix],
            showsTimes: invocation[TaskLogsCommand.timestamps])
        let reading = JobLogReading(
            session: session, job: invocation[handle], sources: sources, query: query, printer: printer)
        try await query.follow ? reading.follow() : reading.read()
        return .success
    }
}

import Arguments

/// `apollo job`.
enum JobCommand {
    static let command = Command(
        "job", summary: "Run jobs: services, batches, and what belongs on every machine",
        discussion: """
            A job is a file that says which tasks belong together and how many there are of each. A service is kept up \
            and changes to new versions without a gap; a batch runs every index to its end; a system job has one task on \
            every node that fits; a cron job is a batch by the clock.
            """,
        subcommands: [
            JobRunCommand.command, JobPlanCommand.command, JobLsCommand.command, JobStatusCommand.command,
            JobLogsCommand.command, JobHistoryCommand.command,
            JobTriggerCommand.command, JobSuspendCommand.command, JobResumeCommand.command,
            JobScaleCommand.command, JobRevertCommand.command, JobRestartCommand.command,
            JobStopCommand.command, JobRmCommand.command,
            JobValidateCommand.command, JobSchemaCommand.command,
        ])

    static let handle = ValueType<String>("JOB", expecting: "the name or identifier of a job") {
        $0.isEmpty ? nil : $0
    }
    static let file = Parameter.option(
        "file", short: "f", .path, help: "The job's file: YAML, or JSON; - for standard input.")
    static let place = Parameter.optionalArgument(
        ValueType<String>("FILE", expecting: "a path", completion: .files) { $0.isEmpty ? nil : $0 },
        help: "The job's file, without -f.")
}

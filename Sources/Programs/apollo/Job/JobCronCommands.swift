import Arguments
import Concurrency
import Core
import JobModel
import PlatformClients
import Terminal

/// `apollo job trigger`.
enum JobTriggerCommand {
    static let handle = Parameter.argument(JobCommand.handle, help: "The job, a cron job.")
    static let wait = Parameter.flag("wait", help: "Return when the run is over; fails where it failed.")

    static let command = Command(
        "trigger", aliases: ["run-now"], summary: "Have a cron job begin a run now",
        discussion: "Also while it is suspended. Where 'concurrency' forbids a second run, it is refused.",
        parameters: [handle, wait],
        examples: [Example("see whether it works", "apollo job trigger nightly --wait")],
        seeAlso: ["apollo job status"]
    ) { invocation in
        let session = try Session(invocation)
        return try await session.withClient { client in
            let job = try await client.triggerJob(invocation[handle])
            guard let number = job.cron?.runCount else { return .success }
            try session.output.write("\(job.name) run \(number)\n")
            guard invocation[wait] else { return .success }
            let clock = LiveClock()
            while true {
                let now = try await client.job(job.id.text).job
                // One that is not kept any more was over.
                guard let run = now.cron?.runs.first(where: { $0.number == number }) else { return .success }
                if run.state == .completed { return .success }
                if run.state.isFinal {
                    throw ApolloError(
                        .conflict, "run \(number) of job '\(job.name)' \(run.state.rawValue): \(run.reason)")
                }
                try await clock.sleep(for: .milliseconds(200))
            }
        }
    }
}

/// `apollo job suspend`.
enum JobSuspendCommand {
    static let handles = Parameter.arguments(JobCommand.handle, help: "The jobs, cron jobs.")

    static let command = Command(
        "suspend", summary: "Have cron jobs begin no runs by themselves",
        discussion: "Runs that are not over go on; 'apollo job stop' ends those too.", parameters: [handles],
        examples: [Example("no backups for now", "apollo job suspend nightly")],
        seeAlso: ["apollo job resume", "apollo job trigger"]
    ) { invocation in
        try await JobResumeCommand.suspend(true, invocation, handles)
    }
}

/// `apollo job resume`.
enum JobResumeCommand {
    static let command = Command(
        "resume", summary: "Have suspended cron jobs begin runs again",
        discussion: "What they would have begun meanwhile is not made up for.",
        parameters: [JobSuspendCommand.handles],
        examples: [Example("from now on again", "apollo job resume nightly")], seeAlso: ["apollo job suspend"]
    ) { invocation in
        try await suspend(false, invocation, JobSuspendCommand.handles)
    }

    static func suspend(
        _ isSuspended: Bool, _ invocation: Invocation, _ handles: Parameter<[String]>
    ) async throws -> ExitStatus {
        let session = try Session(invocation)
        try await session.withClient { client in
            for handle in invocation[handles] {
                let job = try await client.suspendJob(handle, isSuspended)
                try session.output.write("\(job.name)\n")
            }
        }
        return .success
    }
}

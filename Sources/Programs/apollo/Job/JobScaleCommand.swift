import Arguments
import JobModel
import PlatformClients
import Terminal

/// `apollo job scale`.
enum JobScaleCommand {
    static let handle = Parameter.argument(JobCommand.handle, help: "The job, a service.")
    static let instances = Parameter.argument(
        .integer("N", in: 0...10_000), help: "How many instances it is to have.")
    static let task = Parameter.option(
        "task", .text("TASK"), help: "Which of its tasks, where it has several.")

    static let command = Command(
        "scale", summary: "Change how many instances a service has", parameters: [handle, instances, task],
        examples: [Example("five of them", "apollo job scale web 5")]
    ) { invocation in
        let session = try Session(invocation)
        let job = try await session.withClient { client in
            try await client.scale(
                client.job(invocation[handle]).job,
                ScaleRequest(task: invocation[task], instances: Int(invocation[instances])))
        }
        try session.output.write("\(job.name)\n")
        return .success
    }
}

import Arguments
import PlatformClients
import Terminal

/// `apollo job rm`.
enum JobRmCommand {
    static let handles = Parameter.arguments(JobCommand.handle, help: "The jobs.")

    static let command = Command(
        "rm", aliases: ["remove"], summary: "Forget jobs that are over, and their tasks",
        parameters: [handles],
        examples: [Example("stop it and forget it", "apollo job stop web && apollo job rm web")],
        seeAlso: ["apollo job stop"]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient { client in
            for handle in invocation[handles] {
                try await client.removeJob(handle)
                try session.output.write("\(handle)\n")
            }
        }
        return .success
    }
}

import Arguments
import Core
import PlatformClients
import SecretClients
import Terminal

/// `apollo secret rm`.
enum SecretRmCommand {
    static let name = Parameter.argument(SecretCommand.handle, help: "The secret.")
    static let version = Parameter.option(
        "version", .integer("N", in: 1...Int64.max), help: "This version alone, rather than the secret.")

    static let command = Command(
        "rm", aliases: ["remove"], summary: "Remove a secret, or one version of it",
        discussion: "What runs keeps what it was given; what starts later fails and says what is missing.",
        parameters: [name, version],
        examples: [Example("the version that leaked", "apollo secret rm db-password --version 2")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient {
            try await SecretClient($0.api).remove(invocation[name], version: invocation[version])
        }
        try session.output.write("\(invocation[name])\n")
        return .success
    }
}

import Arguments
import Core
import PlatformClients
import SecretClients
import SecretMessages
import Terminal

/// `apollo secret set`.
enum SecretSetCommand {
    static let name = Parameter.argument(SecretCommand.handle, help: "The secret.")
    static let file = Parameter.option(
        "file", short: "f", .path, help: "Read it from this file, rather than from the standard input.")
    static let words = Parameter.rest("VALUE", help: "Refused: others see what stands on a command line.")

    static let command = Command(
        "set", summary: "Store a secret, or a new version of it",
        discussion: """
            The secret comes from the standard input, byte by byte, or from a file; at a terminal it is asked for. Each \
            time makes a new version; tasks that start from then on get it unless they ask for another.
            """,
        parameters: [name, file, words], usage: "[options] NAME",
        examples: [
            Example("ask for it", "apollo secret set db-password"),
            Example(
                "without a newline at its end", "printf %s \"$PASSWORD\" | apollo secret set db-password"),
            Example("from a file", "apollo secret set tls-key --file server.key"),
        ],
        seeAlso: ["apollo task run"]
    ) { invocation in
        guard invocation[words].isEmpty else {
            throw invocation.usageError(
                "a secret on the command line is seen by everyone on this machine, and stays in the shell's history",
                hint: "pipe it in, name a file with --file, or be asked for it")
        }
        let session = try Session(invocation)
        let secret = try SecretInput.read(file: invocation[file], name: invocation[name], session.errors)
        let record = try await session.withClient {
            try await SecretClient($0.api).set(invocation[name], secret)
        }
        switch session.format {
        case .table: try session.output.write("\(record.name) version \(record.version)\n")
        case .json: try session.output.writeJSON(record)
        }
        return .success
    }
}

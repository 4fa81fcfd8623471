import Arguments
import Core
import SecretMessages
import Terminal

/// `apollo secret`.
enum SecretCommand {
    static let command = Command(
        "secret", summary: "Keep what tasks need and nobody else may see",
        discussion: """
            A secret belongs to a project, is stored encrypted, and is given to tasks as a file or a variable: \
            'apollo task run --secret NAME'. It is in no log and in no list.
            """,
        subcommands: [
            SecretSetCommand.command, SecretGetCommand.command, SecretLsCommand.command,
            SecretRmCommand.command, SecretRotateKeyCommand.command, SecretNewKeyCommand.command,
        ])

    static let handle = ValueType<String>("NAME", expecting: "the name of a secret") { $0.isEmpty ? nil : $0 }

    static let version = Parameter.option(
        "version", .integer("N", in: 1...Int64.max), help: "This version, rather than the newest.")
}

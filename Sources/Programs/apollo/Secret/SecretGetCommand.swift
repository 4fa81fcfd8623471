import Arguments
import Core
import PlatformClients
import SecretClients
import SecretMessages
import Terminal

/// `apollo secret get`.
enum SecretGetCommand {
    static let name = Parameter.argument(SecretCommand.handle, help: "The secret.")

    static let command = Command(
        "get", summary: "Print a secret, as it was stored",
        discussion: "Each reading is recorded in the audit log.",
        parameters: [name, SecretCommand.version],
        examples: [Example("the one before the newest", "apollo secret get db-password --version 1")]
    ) { invocation in
        let session = try Session(invocation)
        let (version, secret) = try await session.withClient {
            try await SecretClient($0.api).value(invocation[name], version: invocation[SecretCommand.version])
        }
        switch session.format {
        case .table:
            try session.output.write(bytes: secret.bytes)
            // A prompt right behind it would be taken for part of it.
            if session.output.isTerminal, secret.bytes.last != UInt8(ascii: "\n") {
                try session.output.write("\n")
            }
        case .json:
            try session.output.writeJSON(
                SecretValue(name: invocation[name], version: version, value: SecretContent(secret)))
        }
        return .success
    }
}

import Arguments
import Core
import PlatformClients
import SecretClients
import SecretMessages
import Terminal

/// `apollo secret rotate-key`.
enum SecretRotateKeyCommand {
    static let command = Command(
        "rotate-key", summary: "Encrypt everything with a new key",
        discussion: """
            Makes a new key and encrypts with it what the old one did, while the platform runs. Killed at any point it \
            loses nothing, and the next start completes it. The master key, which protects these keys, is changed by its \
            file: see docs/secrets.md.
            """
    ) { invocation in
        let session = try Session(invocation)
        let report = try await session.withClient { try await SecretClient($0.api).rotateKey() }
        switch session.format {
        case .table:
            try session.output.write(
                "\(report.rows) encrypted with the new key \(report.key); \(report.removed) old keys removed\n"
            )
        case .json: try session.output.writeJSON(report)
        }
        return .success
    }
}

import Arguments
import Core
import KeyRings
import Terminal

/// `apollo secret new-key`.
enum SecretNewKeyCommand {
    static let command = Command(
        "new-key", summary: "Make a new master key, and print it",
        discussion: """
            Asks no platform. The key is for secrets.key, for a file that secrets.key.file names, or for a vault. In front \
            of the old one it takes over at the next start.
            """,
        examples: [
            Example("a key of one's own before the first start", "apollo secret new-key > secrets.key")
        ]
    ) { _ in
        try Output.standardOutput(variables: ProcessVariables.current).write(MasterKey.generate().text + "\n")
        return .success
    }
}

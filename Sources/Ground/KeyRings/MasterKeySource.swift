public import Core
import Glibc

/// Where the master keys come from.
public enum MasterKeySource: Hashable, Sendable {
    /// A file that the platform makes at its first start.
    case own(path: String)
    /// A file that somebody else brings: one that is named by a setting, or by systemd's `LoadCredential`.
    case file(path: String)
    /// What a command of the shell writes, run once at the start: how a key comes from a vault.
    case command(String)

    /// What it is, for messages.
    public var description: String {
        switch self {
        case .own(let path), .file(let path): "the key file '\(path)'"
        case .command: "what secrets.key.command writes"
        }
    }

    /// Reads the keys; nil where the platform is to make its own file and has not yet. Blocks.
    func load() throws(ApolloError) -> MasterKeys? {
        switch self {
        case .own(let path):
            guard let text = try KeyFile(path: path).read(isOwn: true) else { return nil }
            return try MasterKeys(parsing: text, from: description)
        case .file(let path):
            guard let text = try KeyFile(path: path).read(isOwn: false) else {
                throw ApolloError(
                    .unavailable, "there is no key file '\(path)'",
                    hint:
                        "bring the file back, or make one with 'apollo secret new-key' before the first start"
                )
            }
            return try MasterKeys(parsing: text, from: description)
        case .command(let line):
            return try MasterKeys(
                parsing: KeyCommand(line: line).run(within: .seconds(30)), from: description)
        }
    }

    /// Which keys there are, by their ids; nil where the platform is to make its own file and has not yet. Blocks.
    public func masters() throws(ApolloError) -> [String]? { try load()?.all.map(\.id) }

    /// Makes the platform's own file with a new key, and reads back what is there then: another may have been quicker.
    func make() throws(ApolloError) -> MasterKeys {
        guard case .own(let path) = self else {
            throw ApolloError(.internal, "only the platform's own key file is made by it")
        }
        try KeyFile(path: path).create(MasterKey.generate())
        guard let keys = try load() else {
            throw ApolloError(.unavailable, "the key file '\(path)' is gone right after it was made")
        }
        return keys
    }
}

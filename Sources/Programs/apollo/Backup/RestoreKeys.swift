import Backups
import Configuration
import Core
import KeyRings

/// Whether the platform that a backup is restored for can open the backup's secrets.
struct RestoreKeys {
    /// What a person is told of the secrets after a restore.
    enum Finding {
        /// The backup says nothing of keys, or has nothing sealed.
        case unknown
        case open(String)
        /// The platform's own key file is not there yet.
        case closed(String, file: String)

        var text: String? {
            switch self {
            case .unknown: nil
            case .open(let keys): "open with the key \(keys)"
            case .closed(let keys, let file): "closed until \(file) has the key \(keys)"
            }
        }
    }

    let source: MasterKeySource
    /// Where the platform's own key will be.
    let file: String

    /// Holds the keys that the platform will use against those that `manifest` asks for.
    ///
    /// - Parameter unpacked: where the backup's files lie until they take their place.
    /// - Throws: ``ApolloError`` of kind `conflict` where the platform will have other keys.
    func check(_ manifest: BackupManifest, unpacked: String?) throws(ApolloError) -> Finding {
        let needed = manifest.keys ?? []
        guard !needed.isEmpty else { return .unknown }
        let wanted = needed.joined(separator: ", ")
        let given: [String]
        let place: String
        if case .own = source {
            guard let unpacked, manifest.members.contains(where: { $0.name == "secrets.key" }) else {
                return .closed(wanted, file: file)
            }
            given = try MasterKeySource.own(path: unpacked + "/secrets.key").masters() ?? []
            place = "the key file in it"
        } else {
            given = try source.masters() ?? []
            place = source.description
        }
        guard needed.allSatisfy(given.contains) else {
            throw ApolloError(
                .conflict,
                "the backup's secrets need the key \(wanted), and \(place) has \(given.joined(separator: ", "))",
                hint:
                    "give the platform the right key (secrets.key.file, secrets.key.command), which may stand in a "
                    + "line after the new one; or restore with --without-key and do without the secrets")
        }
        return .open(wanted)
    }
}

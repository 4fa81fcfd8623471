public import Core

/// What a backup says of itself, as its first member, `manifest.json`.
public struct BackupManifest: Codable, Hashable, Sendable {
    /// A file of the data directory.
    public struct Member: Codable, Hashable, Sendable {
        public var name: String
        public var size: Int64
        /// Of its bytes, in hexadecimal digits.
        public var sha256: String
        /// Whether it lets its reader in, or read what is hidden: only there when it was asked for.
        public var isKey: Bool
    }

    /// The newest form of backups that this program knows.
    public static let newestFormat = 1
    static let name = "manifest.json"

    public var format: Int
    /// The version of the program that made it.
    public var apollo: String
    public var createdAt: Timestamp
    /// The version of each component's schema in the database.
    public var schema: [String: Int]
    public var members: [Member]
    /// The ids of the master keys that open what is sealed in the database; nil in backups of before it was told.
    public var keys: [String]?

    /// The longest text of one: of about a million files.
    static let largest: Int64 = 256 << 20

    public var hasKeys: Bool { members.contains(where: \.isKey) }

    /// Refuses what this program cannot read. `known` are the versions of the schemas that it knows.
    public func check(known: [String: Int]) throws(ApolloError) {
        for (component, version) in schema.sorted(by: { $0.key < $1.key }) {
            guard let newest = known[component] else {
                throw ApolloError(
                    .conflict,
                    "the backup holds data of a part that this program does not know: \(component)",
                    hint: "restore it with apollo \(apollo) or newer")
            }
            guard version <= newest else {
                throw ApolloError(
                    .conflict,
                    "the backup holds version \(version) of the \(component) schema, this program knows up to \(newest)",
                    hint: "restore it with apollo \(apollo) or newer")
            }
        }
    }
}

/// A file that goes into a backup.
public struct BackupSource: Hashable, Sendable {
    /// In the data directory: `node-id`, `keys/current`.
    public var name: String
    /// Where it is read.
    public var path: String
    public var isKey: Bool

    public init(name: String, path: String, isKey: Bool = false) {
        self.name = name
        self.path = path
        self.isKey = isKey
    }
}

public import Core

/// The secrets of an attempt on the node it starts on. They are in no record.
public struct LaunchSecrets: Hashable, Sendable {
    /// A file with a secret.
    public struct File: Hashable, Sendable {
        /// Below ``LaunchSecrets/directory``.
        public var path: String
        /// Where a container sees it.
        public var target: String

        public init(path: String, target: String) {
            self.path = path
            self.target = target
        }
    }

    /// The node's own directory with the files, for this attempt alone; nil where there are none.
    public var directory: String?
    public var files: [File]
    /// Variables with their secrets, which are UTF-8 without NUL.
    public var environment: [String: SecretBytes]

    public init(
        directory: String? = nil, files: [File] = [], environment: [String: SecretBytes] = [:]
    ) {
        self.directory = directory
        self.files = files
        self.environment = environment
    }
}

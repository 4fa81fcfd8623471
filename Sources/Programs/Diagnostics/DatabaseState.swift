extension MachineFacts {
    /// The database server that the settings name.
    public enum DatabaseState: Hashable, Sendable {
        case unusable(reason: String, fix: String?)
        case usable(Server)
    }

    public struct Server: Hashable, Sendable {
        /// Its address, without a password.
        public var place: String
        public var version: String
        /// How long it takes to answer.
        public var latency: Duration
        /// Whether it waits for its disk; without, what was acknowledged may be lost with the power.
        public var waitsForDisk: Bool
        /// The newest version of each schema in it; empty for a database that is empty.
        public var schema: [String: Int]
        /// The newest of each that this program knows.
        public var known: [String: Int]

        public init(
            place: String, version: String, latency: Duration, waitsForDisk: Bool, schema: [String: Int],
            known: [String: Int]
        ) {
            self.place = place
            self.version = version
            self.latency = latency
            self.waitsForDisk = waitsForDisk
            self.schema = schema
            self.known = known
        }
    }
}

/// What a database has done since it was opened.
public struct DatabaseStatistics: Hashable, Sendable {
    /// Writes that ran, and the commits they shared.
    public var writes: Int, commits: Int
    public var reads: Int
    /// Calls that wait for a thread.
    public var waitingWrites: Int, waitingReads: Int

    public init(
        writes: Int = 0, commits: Int = 0, reads: Int = 0, waitingWrites: Int = 0, waitingReads: Int = 0
    ) {
        self.writes = writes
        self.commits = commits
        self.reads = reads
        self.waitingWrites = waitingWrites
        self.waitingReads = waitingReads
    }
}

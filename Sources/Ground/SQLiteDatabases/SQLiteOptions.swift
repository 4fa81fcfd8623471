public import Core

/// How a ``SQLiteDatabase`` is run.
public struct SQLiteOptions: Sendable {
    /// Threads that read, each with a connection.
    public var readers = 2
    /// Writes, and as many reads, that may wait.
    public var queueLimit = 16384
    /// Writes that share a commit at most. It bounds how long the first of them waits for the last.
    public var batchLimit = 1024
    /// How long a call may wait for its turn.
    public var waitLimit = Duration.seconds(30)
    /// How long a read may run.
    public var readLimit = Duration.seconds(60)
    /// How large the database may grow; nil for as large as the disk.
    public var maximumSize: ByteCount?

    public init() {}
}

/// How a ``PostgreSQLDatabase`` is run.
public struct PostgreSQLOptions: Sendable {
    /// Connections that read, each with a thread; one more writes.
    public var readers = 2
    /// Writes, and as many reads, that may wait.
    public var queueLimit = 16384
    /// Writes that share a commit at most. It bounds how long the first of them waits for the last.
    public var batchLimit = 1024
    /// How long a call may wait for its turn.
    public var waitLimit = Duration.seconds(30)
    /// How long a read may run.
    public var readLimit = Duration.seconds(60)
    /// How long the server may take for one statement of a write, or to answer at all.
    public var responseLimit = Duration.seconds(30)
    /// How long a connection may take to be made.
    public var connectLimit = Duration.seconds(5)
    /// How long a write may wait for those of other programs on the same database.
    public var lockLimit = Duration.seconds(15)
    /// How long a program may leave a transaction open without saying anything, before the server ends it: so a program
    /// that is paused, or cut off, does not keep others from writing for longer.
    public var idleLimit = Duration.seconds(4)
    /// How long a commit whose answer was lost is asked after.
    public var doubtLimit = Duration.seconds(20)
    /// Waits between tries to connect.
    public var reconnectBase = Duration.milliseconds(100)
    public var reconnectCap = Duration.seconds(3)

    public init() {}
}

public import Core

/// Which of an attempt's output is wanted.
public struct LogQuery: Hashable, Sendable {
    /// Whether to wait for more until the attempt ends.
    public var follow: Bool
    /// Only what was written at or after this time.
    public var since: Timestamp?
    /// Only this many of the last lines that are there already.
    public var tail: Int?

    public init(follow: Bool = false, since: Timestamp? = nil, tail: Int? = nil) {
        self.follow = follow
        self.since = since
        self.tail = tail
    }
}

/// A piece of output: what one write gave, or part of it; not necessarily whole lines.
public struct LogRecord: Hashable, Sendable {
    public enum Stream: String, Hashable, Sendable, Codable { case stdout, stderr }

    public var stream: Stream
    public var time: Timestamp
    public var bytes: [UInt8]

    public init(stream: Stream, time: Timestamp, bytes: [UInt8]) {
        self.stream = stream
        self.time = time
        self.bytes = bytes
    }
}

/// Reads an attempt's output in order, from one task at a time.
public protocol LogReader: Sendable {
    /// The next records, never an empty batch; nil at the end.
    func next() async throws(RuntimeError) -> [LogRecord]?

    /// Gives up what reading holds. Reading after it ends at once.
    func close() async
}

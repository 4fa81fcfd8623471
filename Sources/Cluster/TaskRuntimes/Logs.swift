public import Core

/// Which of an attempt's output is wanted.
public struct LogQuery: Hashable, Sendable {
    /// Whether to wait for more until the attempt ends.
    public var follow: Bool
    /// Only what was written at or after this time.
    public var since: Timestamp?
    /// Only this many of the last lines that are there already.
    public var tail: Int?
    /// Only what comes after this place, a ``LogRecord/end`` of the same attempt.
    public var offset: Int64?

    public init(
        follow: Bool = false, since: Timestamp? = nil, tail: Int? = nil, offset: Int64? = nil
    ) {
        self.follow = follow
        self.since = since
        self.tail = tail
        self.offset = offset
    }
}

/// A piece of output: what one write gave, or part of it; not necessarily whole lines.
public struct LogRecord: Hashable, Sendable {
    public enum Stream: String, Hashable, Sendable, Codable { case stdout, stderr }

    public var stream: Stream
    public var time: Timestamp
    public var bytes: [UInt8]
    /// The place behind it in the attempt's output, where reading can go on; nil for what is told without a place.
    public var end: Int64?

    public init(stream: Stream, time: Timestamp, bytes: [UInt8], end: Int64? = nil) {
        self.stream = stream
        self.time = time
        self.bytes = bytes
        self.end = end
    }
}

/// Reads an attempt's output in order, from one task at a time.
public protocol LogReader: Sendable {
    /// The next records, never an empty batch; nil at the end.
    func next() async throws(RuntimeError) -> [LogRecord]?

    /// Gives up what reading holds. Reading after it ends at once.
    func close() async
}

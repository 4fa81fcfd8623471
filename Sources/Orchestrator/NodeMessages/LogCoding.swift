import Core
public import TaskDecisions
public import TaskRuntimes

// Output and use of attempts, as they travel.
extension LogRequest {
    public init(_ query: LogQuery, of place: AttemptPlace, epoch: Int64) {
        self.init(
            epoch: epoch, place: Place(place), follow: query.follow, since: query.since?.microseconds,
            tail: query.tail.map(Int64.init), offset: query.offset)
    }

    public var query: LogQuery {
        LogQuery(
            follow: follow, since: since.map { Timestamp(microseconds: $0) },
            tail: tail.map { Int(clamping: max(0, $0)) }, offset: offset)
    }
}

extension LogPiece {
    public init(_ record: LogRecord) {
        self.init(
            isError: record.stream == .stderr, time: record.time.microseconds, bytes: record.bytes,
            end: record.end)
    }

    public var record: LogRecord {
        LogRecord(
            stream: isError ? .stderr : .stdout, time: Timestamp(microseconds: time), bytes: bytes, end: end)
    }
}

extension Usage {
    public init(_ usage: AttemptUsage) {
        self.init(
            cpuSeconds: usage.cpuSeconds, memory: usage.memory.bytes, processes: Int64(usage.processes),
            readBytes: usage.readBytes, writtenBytes: usage.writtenBytes)
    }

    public var attemptUsage: AttemptUsage {
        AttemptUsage(
            cpuSeconds: cpuSeconds, memory: ByteCount(memory), processes: Int(clamping: processes),
            readBytes: readBytes, writtenBytes: writtenBytes)
    }
}

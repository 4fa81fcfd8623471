import Core
public import RPCModel
public import TaskDecisions
public import TaskRuntimes

// Output and use of attempts, as they travel.
extension LogRequest {
    public init(_ query: LogQuery, of place: AttemptPlace, epoch: Int64) {
        self.init(
            epoch: epoch, place: Place(place), follow: query.follow, since: query.since?.microseconds,
            tail: query.tail.map(Int64.init), offset: query.offset)
    }

    public func query() throws(RPCError) -> LogQuery {
        var start: Timestamp?
        if let since { start = try WireReading.time(since, "since") }
        return LogQuery(
            follow: follow, since: start,
            tail: tail.map { Int(clamping: max(0, $0)) }, offset: offset)
    }
}

extension LogPiece {
    public init(_ record: LogRecord) {
        self.init(
            isError: record.stream == .stderr, time: record.time.microseconds, bytes: record.bytes,
            end: record.end)
    }

    public func record() throws(RPCError) -> LogRecord {
        if let end, end < 0 { throw WireReading.fault("end", "is negative") }
        return LogRecord(
            stream: isError ? .stderr : .stdout, time: try WireReading.time(time, "time"), bytes: bytes,
            end: end)
    }
}

extension Usage {
    public init(_ usage: AttemptUsage) {
        self.init(
            cpuSeconds: usage.cpuSeconds, memory: usage.memory.bytes, processes: Int64(usage.processes),
            readBytes: usage.readBytes, writtenBytes: usage.writtenBytes)
    }

    public func attemptUsage() throws(RPCError) -> AttemptUsage {
        guard cpuSeconds.isFinite, cpuSeconds >= 0, memory >= 0, processes >= 0, readBytes ?? 0 >= 0,
            writtenBytes ?? 0 >= 0
        else { throw WireReading.fault("usage", "cannot be: an amount is negative, or none") }
        return AttemptUsage(
            cpuSeconds: cpuSeconds, memory: ByteCount(memory), processes: Int(clamping: processes),
            readBytes: readBytes, writtenBytes: writtenBytes)
    }
}

import Core
import TaskRuntimes

/// Cuts the stream of `/containers/{id}/logs` into records. Pure: give it the pieces of a body in order.
///
/// The stream, of a container without a terminal, is frames of an 8-byte header and a payload: the header is the
/// stream's number (1 stdout, 2 stderr), three zero bytes, and the payload's length, big-endian (Docker Engine API,
/// "Attach to a container", stream format). With `timestamps=1` each payload begins with an RFC 3339 time and a space.
struct LogFrameDecoder {
    enum Failure: Error, Hashable { case malformed(String) }

    /// Engines write lines in parts of 16 KiB; nothing near this is ever sent.
    static let maximumPayload = 1 << 20

    /// Docker's log driver `local` loses the line end of a line that it kept in parts (dockerd 20.10: only the entries
    /// that are no part are given one). It is put back as soon as more comes.
    let mendsLineEnds: Bool
    private var buffer: [UInt8] = []
    /// By stream, the entry before where it had no line end.
    private var open: [LogRecord.Stream: OpenEntry] = [:]

    private struct OpenEntry {
        var time: Timestamp
        /// As long as the parts are that a line is kept in: the next one goes on with it.
        var isFullPart: Bool
    }

    private static let partSize = 16 << 10

    /// - Parameter wanted: the entry behind which reading begins, in a log that begins before it.
    init(mendsLineEnds: Bool = false, after wanted: LogPlace? = nil) {
        self.mendsLineEnds = mendsLineEnds
        self.wanted = wanted
    }

    /// By stream, how far it was read: the time of the last entry, and how many entries had that time.
    private var positions: [LogRecord.Stream: (time: Timestamp, count: Int)] = [:]
    /// By stream, what is to be passed over since it was read before.
    private var known: [LogRecord.Stream: (time: Timestamp, count: Int)] = [:]
    /// Where reading began: what is older was not asked for.
    private var first: Timestamp?

    private var places = LogPlaces()
    /// The entry that was read last.
    private var place: LogPlace?
    /// The entry behind which reading goes on; nil once it was found.
    private var wanted: LogPlace?

    private var lastTime = Timestamp(microseconds: 0)
    private var times = LogTimeReader()

    /// The records that `bytes` completes.
    mutating func decode(_ bytes: [UInt8]) throws(Failure) -> [LogRecord] {
        if buffer.isEmpty { buffer = bytes } else { buffer += bytes }
        var records: [LogRecord] = []
        var at = 0
        while buffer.count - at >= 8 {
            guard buffer[at] <= 2, buffer[at + 1] == 0, buffer[at + 2] == 0, buffer[at + 3] == 0 else {
                throw .malformed("a log frame begins with \(Array(buffer[at..<at + 8]))")
            }
            let count = buffer[at + 4..<at + 8].reduce(0) { $0 << 8 | Int($1) }
            guard count <= Self.maximumPayload else {
                throw .malformed("a log frame of \(count) bytes")
            }
            guard buffer.count - at - 8 >= count else { break }
            let payload = buffer[at + 8..<at + 8 + count]
            at += 8 + count
            if let record = record(buffer[at - count - 8], payload) { records.append(record) }
        }
        buffer.removeFirst(at)
        return records
    }

    /// Makes it read the log once more, passing over what it has read, and returns from where it has to be sent; nil for
    /// the beginning. Entries of the two streams are up to an instant out of order: a second covers that by far.
    mutating func beginAgain() -> Timestamp? {
        buffer = []
        known = positions
        return positions.values.map(\.time).max()?.advanced(by: .seconds(-1))
    }

    /// Whether the entry was read before the log was begun again; else counts it as read now.
    private mutating func isKnown(_ stream: LogRecord.Stream, _ time: Timestamp) -> Bool {
        if let first, time < first, !known.isEmpty { return true }
        first = first.map { min($0, time) } ?? time
        if let before = known[stream] {
            if time < before.time { return true }
            if time == before.time, before.count > 0 {
                known[stream]?.count -= 1
                return true
            }
        }
        let position = positions[stream]
        positions[stream] = (time, position?.time == time ? (position?.count ?? 0) + 1 : 1)
        return false
    }

    /// Counts the entry, and says whether it is before the place where reading begins.
    private mutating func isPassed(_ time: Timestamp) -> Bool {
        place = places.next(at: time)
        guard let wanted else { return false }
        if place == wanted {
            self.wanted = nil
            return true
        }
        // One that is not there any more was rotated away, and what is there came later.
        if time > wanted.time.advanced(by: .seconds(1)) {
            self.wanted = nil
            return false
        }
        return true
    }

    /// Whether the stream may end here.
    var isAtBoundary: Bool { buffer.isEmpty }

    private mutating func record(_ stream: UInt8, _ payload: ArraySlice<UInt8>) -> LogRecord? {
        var content = payload
        // At most 35 characters: 2006-01-02T15:04:05.999999999+07:00
        if let space = payload.prefix(40).firstIndex(of: UInt8(ascii: " ")),
            let time = times.read(payload[..<space])
        {
            content = payload[(space + 1)...]
            if isKnown(stream == 2 ? .stderr : .stdout, time) || isPassed(time) { return nil }
            // Clocks of containers do not run backwards, and neither do logs.
            lastTime = max(lastTime, time)
        }
        guard !content.isEmpty else { return nil }
        var record = LogRecord(
            stream: stream == 2 ? .stderr : .stdout, time: lastTime, bytes: Array(content), end: place?.number
        )
        if mendsLineEnds { mend(&record) }
        return record
    }

    private mutating func mend(_ record: inout LogRecord) {
        let before = open[record.stream]
        let isWhole = record.bytes.last == 10
        open[record.stream] =
            isWhole ? nil : OpenEntry(time: record.time, isFullPart: record.bytes.count == Self.partSize)
        // All parts of a line have its time.
        guard let before, !(before.isFullPart && before.time == record.time) else { return }
        record.bytes.insert(10, at: 0)
    }
}

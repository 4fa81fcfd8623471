import Core
import Glibc
import TaskRuntimes

/// A place in an attempt's stored output, from which records are read in order while the launcher writes more.
struct SegmentCursor {
    private let directory: String
    private var current: Segment?
    /// What was read of this segment is damaged; only a later segment helps.
    private var isDamaged = false

    private struct Segment {
        var number: Int
        var file: Descriptor
        var header: LogFormat.SegmentHeader
        var offset: Int

        /// How far the records before this place go.
        var position: UInt64 { header.base + UInt64(offset - LogFormat.headerSize) }
    }

    /// How much is read at once.
    private static let chunk = 256 << 10

    init(directory: String) { self.directory = directory }

    var position: UInt64 { current?.position ?? 0 }

    /// The next records; none when there are none now.
    mutating func next() -> [LogRecord] {
        var notes: [LogRecord] = []
        if current == nil {
            guard let first = oldest() else { return [] }
            notes = enter(first, dropped: first.header.dropped)
        }
        while true {
            let (records, isStuck) = readOn()
            if !records.isEmpty { return notes + records }
            // The launcher opens a segment only when it is done with the one before: what this one lacks now it will
            // always lack, unless it grew between the two looks.
            guard let next = successor() else { return notes }
            if !isStuck {
                let late = readOn().records
                if !late.isEmpty { return notes + late }
            }
            notes += enter(next, dropped: next.header.base &- position)
        }
    }

    /// Skips segments in which all is older than `time`.
    mutating func skip(before time: Timestamp) {
        guard current == nil, var here = oldest() else { return }
        while let next = open(here.number + 1), next.header.createdAt < time { here = next }
        current = here
    }

    /// Goes to the first record that ends behind `position`; where that is gone, to the oldest, and says so.
    mutating func seek(to position: UInt64) -> [LogRecord] {
        guard current == nil, var here = oldest() else { return [] }
        while let next = open(here.number + 1), next.header.base <= position { here = next }
        let missing = here.header.base > position ? here.header.base - position : 0
        var notes = enter(here, dropped: missing)
        // Within a segment the records have to be read over: it is an eighth of the limit at most.
        while self.position < position {
            let (records, isStuck) = readOn()
            if let first = records.firstIndex(where: { ($0.end ?? .max) > Int64(clamping: position) }) {
                return notes + records[first...]
            }
            if isStuck { notes += records.suffix(1) }
            if records.isEmpty { break }
        }
        return notes
    }

    /// The last `count` lines that are there, and the place behind them.
    mutating func tail(_ count: Int) -> [LogRecord] {
        var records: [LogRecord] = []
        var newest: Segment?
        for number in LogFormat.segments(in: directory).reversed() {
            guard let segment = open(number) else { continue }
            current = segment
            isDamaged = false
            var own: [LogRecord] = []
            while true {
                let more = readOn().records
                if more.isEmpty { break }
                own += more
            }
            newest = newest ?? current
            records = own + records
            if LineTail.count(records) > count { break }
        }
        current = newest
        isDamaged = false
        return LineTail.last(count, of: records)
    }

    private mutating func enter(_ segment: Segment, dropped: UInt64) -> [LogRecord] {
        current = segment
        isDamaged = false
        guard dropped > 0 else { return [] }
        return [
            LogFormat.note(
                "\(LogFormat.amount(dropped)) of older output were dropped", segment.header.createdAt)
        ]
    }

    /// Reads on in the current segment; stuck means that the rest of it is unreadable.
    private mutating func readOn() -> (records: [LogRecord], isStuck: Bool) {
        guard let segment = current, !isDamaged else { return ([], isDamaged) }
        for size in [Self.chunk, LogFormat.longestRecord + LogFormat.recordHeaderSize] {
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                let result = retryingInterrupts {
                    pread(segment.file.number, buffer.baseAddress, size, off_t(segment.offset))
                }
                count = max(0, result)
            }
            let parsed = LogFormat.records(in: bytes[...], at: self.position)
            current?.offset += parsed.consumed
            isDamaged = parsed.isDamaged
            if parsed.isDamaged {
                let note = LogFormat.note("damaged output was skipped", segment.header.createdAt)
                return (parsed.records + [note], true)
            }
            if parsed.consumed > 0 { return (parsed.records, false) }
            if bytes.count < size { break }
        }
        return ([], false)
    }

    private func oldest() -> Segment? {
        // The oldest may go while we look.
        for number in LogFormat.segments(in: directory) {
            if let segment = open(number) { return segment }
        }
        return nil
    }

    private func successor() -> Segment? {
        guard let current else { return nil }
        if let next = open(current.number + 1) { return next }
        var status = stat()
        guard fstat(current.file.number, &status) == 0, status.st_nlink == 0 else { return nil }
        for number in LogFormat.segments(in: directory) where number > current.number {
            if let segment = open(number) { return segment }
        }
        return nil
    }

    private func open(_ number: Int) -> Segment? {
        // A segment that is gone was the oldest, and dropped; one without a header yet has nothing to read.
        guard let file = try? Descriptor.open(LogFormat.path(of: number, in: directory), O_RDONLY),
            let bytes = file.readAll(most: LogFormat.headerSize),
            // See above.
            let header = try? LogFormat.SegmentHeader(parsing: bytes[...])
        else { return nil }
        return Segment(number: number, file: file, header: header, offset: LogFormat.headerSize)
    }
}

/// The last lines of output, whichever stream they are of. A last line need not end.
enum LineTail {
    static func count(_ records: [LogRecord]) -> Int {
        var lines = 0
        for record in records { for byte in record.bytes where byte == 10 { lines += 1 } }
        return lines
    }

    static func last(_ count: Int, of records: [LogRecord]) -> [LogRecord] {
        guard count > 0 else { return [] }
        var wanted = count
        var isLast = true
        for index in records.indices.reversed() {
            let bytes = records[index].bytes
            for offset in bytes.indices.reversed() {
                defer { isLast = false }
                guard bytes[offset] == 10, !isLast else { continue }
                wanted -= 1
                guard wanted == 0 else { continue }
                var tail = Array(records[index...])
                tail[0].bytes.removeFirst(offset + 1)
                return tail.filter { !$0.bytes.isEmpty }
            }
        }
        return records
    }
}

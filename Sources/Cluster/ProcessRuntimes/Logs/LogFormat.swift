import Core
import Files
import TaskRuntimes

/// How output is stored. A segment file is a header and then records:
///
///     header  "APOLOG1\n" (8) · base (UInt64) · created (Int64, µs since 1970) · dropped (UInt64)
///     record  0xA7 · kind (UInt8) · zero (UInt16) · length (UInt32) · time (Int64, µs since 1970) · length bytes
///
/// `base` is the position of the first record: how many bytes of records were written in the segments before. `dropped`
/// is how much output was in segments that are gone. Kinds: 1 stdout, 2 stderr, 3 a count (UInt64) of bytes that could not
/// be stored. Integers are little-endian.
enum LogFormat {
    static let mark = Array("APOLOG1\n".utf8)
    static let headerSize = 32
    static let recordHeaderSize = 16
    static let recordMark: UInt8 = 0xA7
    /// The longest record; more is damage.
    static let longestRecord = 1 << 20

    struct SegmentHeader: Hashable {
        var base: UInt64
        var createdAt: Timestamp
        var dropped: UInt64

        var bytes: [UInt8] {
            var writer = ByteWriter()
            for byte in LogFormat.mark { writer.integer(byte) }
            writer.integer(base)
            writer.integer(createdAt.microseconds)
            writer.integer(dropped)
            return writer.bytes
        }

        init(base: UInt64, createdAt: Timestamp, dropped: UInt64) {
            self.base = base
            self.createdAt = createdAt
            self.dropped = dropped
        }

        init(parsing bytes: ArraySlice<UInt8>) throws(WireError) {
            guard bytes.count >= LogFormat.headerSize else { throw .truncated }
            guard bytes.prefix(8).elementsEqual(LogFormat.mark) else {
                throw .invalid("a log segment's mark")
            }
            var reader = ByteReader(bytes.dropFirst(8))
            base = try reader.integer()
            createdAt = Timestamp(microseconds: try reader.integer())
            dropped = try reader.integer()
        }
    }

    enum Kind: UInt8 { case stdout = 1, stderr, lost }

    static func recordHeader(_ kind: Kind, length: Int, time: Timestamp) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(recordMark)
        writer.integer(kind.rawValue)
        writer.integer(UInt16(0))
        writer.integer(UInt32(length))
        writer.integer(time.microseconds)
        return writer.bytes
    }

    /// What some bytes of a segment hold.
    struct ParsedRecords: Equatable {
        var records: [LogRecord] = []
        /// How many bytes the records are. What is left is a record that is not whole yet, or torn by a crash.
        var consumed = 0
        /// What is left is no record at all.
        var isDamaged = false
    }

    /// The whole records at the start of `bytes`, which are at `position` of the attempt's output.
    static func records(in bytes: ArraySlice<UInt8>, at position: UInt64 = 0) -> ParsedRecords {
        var parsed = ParsedRecords()
        while true {
            var reader = ByteReader(bytes.dropFirst(parsed.consumed))
            do throws(WireError) {
                var record = try record(&reader)
                record.end = Int64(clamping: position + UInt64(bytes.count - reader.remaining))
                parsed.records.append(record)
            } catch {
                parsed.isDamaged = error != .truncated
                return parsed
            }
            parsed.consumed = bytes.count - reader.remaining
        }
    }

    private static func record(_ reader: inout ByteReader) throws(WireError) -> LogRecord {
        let mark: UInt8 = try reader.integer()
        guard mark == recordMark else { throw .invalid("a record's mark") }
        let kindByte: UInt8 = try reader.integer()
        let zero: UInt16 = try reader.integer()
        guard let kind = Kind(rawValue: kindByte), zero == 0 else { throw .invalid("a record's kind") }
        let length = Int(try reader.integer(UInt32.self))
        guard length <= longestRecord else { throw .invalid("a record of \(length) bytes") }
        let time = Timestamp(microseconds: try reader.integer())
        let body = try reader.bytes(length)
        switch kind {
        case .stdout: return LogRecord(stream: .stdout, time: time, bytes: body)
        case .stderr: return LogRecord(stream: .stderr, time: time, bytes: body)
        case .lost:
            guard body.count == 8 else { throw .invalid("a count of \(body.count) bytes") }
            var counter = ByteReader(body)
            let count: UInt64 = try counter.integer()
            return note("\(Self.amount(count)) of output could not be stored", time)
        }
    }

    /// What Apollo itself has to say, among the output.
    static func note(_ text: String, _ time: Timestamp) -> LogRecord {
        LogRecord(stream: .stderr, time: time, bytes: Array("[apollo: \(text)]\n".utf8))
    }

    static func amount(_ bytes: UInt64) -> String { ByteCount(Int64(clamping: bytes)).description + " bytes" }

    /// The segments of an attempt that are there, oldest first.
    static func segments(in directory: String) -> [Int] {
        DirectoryNames.found(in: directory).compactMap { name in
            name.hasPrefix("log.") ? Int(name.dropFirst(4)).flatMap { $0 > 0 ? $0 : nil } : nil
        }.sorted()
    }

    static func path(of segment: Int, in directory: String) -> String { "\(directory)/log.\(segment)" }
}

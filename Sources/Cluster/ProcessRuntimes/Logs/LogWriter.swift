import Core
import Glibc
import TaskRuntimes

/// Stores an attempt's output in segments, the oldest of which go when there is too much.
///
/// Nothing is made before the first byte comes. Storing never fails: what cannot be stored is counted, and said in the
/// output once there is room again.
final class LogWriter {
    private struct Segment {
        var number: Int
        var size: UInt64
    }

    private let directory: String
    private let segmentSize: UInt64
    private var segments: [Segment] = []
    private var file: Descriptor?
    private var dropped: UInt64 = 0
    private var lost: UInt64 = 0
    private var latest = Timestamp(microseconds: .min)
    private var hasDirectory = false

    /// How many segments share the limit.
    static let count = 8

    /// How many bytes of records there are or were, this moment.
    private(set) var position: UInt64 = 0

    init(directory: String, limit: UInt64) {
        self.directory = directory
        segmentSize = max(limit / UInt64(Self.count), 4096)
    }

    /// Goes on where a launcher that died stopped: cuts off a record that it could not finish.
    func resume() {
        for number in LogFormat.segments(in: directory) {
            hasDirectory = true
            var status = stat()
            let known = stat(LogFormat.path(of: number, in: directory), &status) == 0
            let size = known ? max(0, Int(status.st_size) - LogFormat.headerSize) : 0
            segments.append(Segment(number: number, size: UInt64(size)))
        }
        // What cannot be read is left as it is: the next segment begins anew.
        guard let last = segments.indices.last,
            // Unreadable: see above.
            let file = try? Descriptor.open(LogFormat.path(of: segments[last].number, in: directory), O_RDWR),
            let bytes = file.readAll(most: Int(segmentSize) + LogFormat.longestRecord),
            // Torn: see above.
            let header = try? LogFormat.SegmentHeader(parsing: bytes[...])
        else { return }
        let parsed = LogFormat.records(in: bytes[LogFormat.headerSize...])
        let size = UInt64(parsed.consumed)
        ftruncate(file.number, off_t(LogFormat.headerSize + Int(size)))
        segments[last].size = size
        dropped = header.dropped
        position = header.base + size
        latest = parsed.records.last?.time ?? header.createdAt
    }

    /// Stores what a stream gave. Times never go back within an attempt, whatever the clock does.
    func append(_ kind: LogFormat.Kind, _ bytes: UnsafeRawBufferPointer, at time: Timestamp) {
        latest = max(latest, time)
        if lost > 0 {
            var count = ByteWriter()
            count.integer(lost)
            if count.bytes.withUnsafeBytes({ store(.lost, $0) }) { lost = 0 }
        }
        // No record is longer than a segment, so that the limit holds.
        let most = max(Int(segmentSize) - LogFormat.recordHeaderSize, 1024)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(most))
            if !store(kind, piece) { lost += UInt64(piece.count) }
            rest = rest.dropFirst(most)
        }
    }

    private func store(_ kind: LogFormat.Kind, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let size = UInt64(LogFormat.recordHeaderSize + bytes.count)
        if file == nil || (segments.last?.size ?? 0) + size > segmentSize, !openSegment() { return false }
        guard let file, let last = segments.indices.last else { return false }
        var header = LogFormat.recordHeader(kind, length: bytes.count, time: latest)
        let written = header.withUnsafeMutableBytes { head in
            var parts = [
                iovec(iov_base: head.baseAddress, iov_len: head.count),
                iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count),
            ]
            return retryingInterrupts { writev(file.number, &parts, 2) }
        }
        guard written == Int(size) else {
            // A disk that filled up took a part: cut it off again, so that the segment stays readable.
            ftruncate(file.number, off_t(LogFormat.headerSize + Int(segments[last].size)))
            return false
        }
        segments[last].size += size
        position += size
        return true
    }

    private func openSegment() -> Bool {
        if !hasDirectory {
            // The caller counts what could not be written as dropped, and tries again.
            guard (try? makeDirectories(directory)) != nil else { return false }
            hasDirectory = true
        }
        let number = (segments.last?.number ?? 0) + 1
        let path = LogFormat.path(of: number, in: directory)
        let gone = segments.count >= Self.count ? segments[0].size : 0
        let header = LogFormat.SegmentHeader(base: position, createdAt: latest, dropped: dropped + gone)
        // As above: counted as dropped.
        guard let next = try? Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND) else {
            return false
        }
        // As above: counted as dropped.
        guard (try? next.writeAll(header.bytes, to: path)) != nil else {
            unlink(path)
            return false
        }
        if segments.count >= Self.count {
            unlink(LogFormat.path(of: segments.removeFirst().number, in: directory))
            dropped += gone
        }
        segments.append(Segment(number: number, size: 0))
        file = next
        return true
    }

    /// Lets go of the open segment.
    func close() { file = nil }

    /// Deletes what an attempt wrote.
    static func remove(directory: String) {
        for number in LogFormat.segments(in: directory) { unlink(LogFormat.path(of: number, in: directory)) }
        rmdir(directory)
    }
}

extension Descriptor {
    /// From the start to the end or `most` bytes; nil when it cannot be read.
    func readAll(most: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < most {
            let count = retryingInterrupts {
                pread(number, &chunk, min(chunk.count, most - bytes.count), off_t(bytes.count))
            }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}

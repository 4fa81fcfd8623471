import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// Stores an attempt's output in segments, the oldest of which go when there is too much.
///
/// Nothing is made before the first byte comes, and the first of it is kept with that of others (``SharedOutput``). Storing
/// never fails: what cannot be stored is counted, and said in the output once there is room again.
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
    /// Where the output is until it moves to files of its own; nil once it has.
    private var shared: (store: SharedOutput, attempt: AttemptID)?
    private var pieces: [SharedOutput.Piece] = []
    private var isClosed = false

    /// How many segments share the limit.
    static let count = 8

    /// How many bytes of records there are or were, this moment.
    private(set) var position: UInt64 = 0

    /// Without `shared` it has files of its own from the beginning.
    init(directory: String, limit: UInt64, shared: (store: SharedOutput, attempt: AttemptID)? = nil) {
        self.directory = directory
        self.shared = shared
        segmentSize = max(limit / UInt64(Self.count), 4096)
    }

    /// Goes on where a launcher that died stopped: cuts off a record that it could not finish.
    func resume() {
        if let shared {
            let found = shared.store.take(shared.attempt)
            if LogFormat.segments(in: directory).isEmpty { return resume(found, in: shared.store) }
            // It has moved.
            shared.store.release(found)
            self.shared = nil
        }
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

    private func resume(_ found: [SharedOutput.Piece], in store: SharedOutput) {
        for piece in found {
            guard piece.position == position else { break }
            pieces.append(piece)
            position += UInt64(piece.length)
        }
        store.release(Array(found[pieces.count...]))
        let records = pieces.last.flatMap(store.read).map { LogFormat.records(in: $0[...]).records }
        if let time = records?.last?.time { latest = time }
    }

    /// Moves the output to files of its own: somebody wants to read it, or it is too much to be kept with others'. False when that
    /// fails; then it stays where it is.
    @discardableResult
    func moveOut() -> Bool {
        guard let (store, _) = shared else { return true }
        if !pieces.isEmpty {
            var records: [UInt8] = []
            for piece in pieces {
                guard let bytes = store.read(piece) else { return false }
                records += bytes
            }
            let created = LogFormat.records(in: records[...]).records.first?.time ?? latest
            let header = LogFormat.SegmentHeader(base: 0, createdAt: created, dropped: 0)
            let (path, temporary) = (LogFormat.path(of: 1, in: directory), directory + "/new")
            do throws(SystemError) {
                try makeDirectories(directory)
                let next = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND)
                try next.writeAll(header.bytes + records, to: temporary)
                // Whole or not at all: a launcher that is killed before leaves it where it was.
                guard rename(temporary, path) == 0 else { throw .last("rename", temporary) }
                file = isClosed ? nil : next
            } catch {
                unlink(temporary)
                return false
            }
            hasDirectory = true
            segments = [Segment(number: 1, size: position)]
            store.release(pieces)
            pieces = []
        }
        shared = nil
        return true
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
        if let (store, attempt) = shared {
            if position + size <= min(SharedOutput.mostOfAttempt, segmentSize) {
                let header = LogFormat.recordHeader(kind, length: bytes.count, time: latest)
                guard let piece = store.append(attempt, at: position, header, bytes) else { return false }
                pieces.append(piece)
                position += size
                return true
            }
            guard moveOut() else { return false }
        }
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
    func close() {
        file = nil
        isClosed = true
    }

    /// Deletes what the attempt wrote.
    func remove() {
        if let (store, _) = shared {
            store.release(pieces)
            pieces = []
        } else if position > 0 {
            Self.remove(directory: directory)
        }
    }

    /// Deletes what an attempt wrote.
    static func remove(directory: String) {
        for number in LogFormat.segments(in: directory) { unlink(LogFormat.path(of: number, in: directory)) }
        unlink(directory + "/new")  // of a launcher that was killed as it moved it out
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

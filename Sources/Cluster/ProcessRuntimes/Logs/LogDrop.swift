import Core
import Glibc
import TaskRuntimes

/// The stored output of an attempt that has ended, as a whole.
struct LogDrop {
    let directory: String

    /// Whether it has files of its own.
    var isThere: Bool { !LogFormat.segments(in: directory).isEmpty }

    /// How many bytes its records are.
    var size: UInt64 {
        LogFormat.segments(in: directory).reduce(0) { total, number in
            var status = stat()
            guard stat(LogFormat.path(of: number, in: directory), &status) == 0 else { return total }
            return total + UInt64(max(0, Int(status.st_size) - LogFormat.headerSize))
        }
    }

    /// Drops all records, and leaves a segment that says how much there was.
    func drop(at time: Timestamp) throws(SystemError) {
        let numbers = LogFormat.segments(in: directory)
        guard let last = numbers.last else { return }
        let path = LogFormat.path(of: last, in: directory)
        let file = try Descriptor.open(path, O_RDONLY)
        // What cannot be read is dropped all the same, and counted as it is.
        let header = file.readAll(most: LogFormat.headerSize).flatMap {
            // See above.
            try? LogFormat.SegmentHeader(parsing: $0[...])
        }
        let lastSize = UInt64(max(0, Int(file.size ?? 0) - LogFormat.headerSize))
        let size = self.size
        let mark = LogFormat.SegmentHeader(
            base: (header?.base ?? 0) + lastSize, createdAt: time, dropped: (header?.dropped ?? 0) + size)
        let markPath = LogFormat.path(of: last + 1, in: directory)
        let made = try Descriptor.open(markPath, O_WRONLY | O_CREAT | O_TRUNC)
        try made.writeAll(mark.bytes, to: markPath)
        // The oldest first: a crash between two leaves what a rotation leaves.
        for number in numbers { unlink(LogFormat.path(of: number, in: directory)) }
    }
}

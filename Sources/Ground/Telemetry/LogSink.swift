public import Core
import Glibc
import Synchronization

/// Where log lines go.
public protocol LogSink: Sendable {
    /// Takes one line, newline included. Must not throw and not wait long.
    func write(_ line: [UInt8])
}

/// Writes each line to a file descriptor with one write(2).
///
/// A line that cannot be written at once, because the disk is full or the reader of a pipe is slow and the descriptor
/// does not block, is dropped and counted: logging must not stop the platform.
public final class FileDescriptorLogSink: LogSink {
    private let descriptor: Int32
    private let dropped = Atomic<Int>(0)

    /// Takes no ownership: the descriptor must stay open as long as the sink lives.
    public init(descriptor: Int32) { self.descriptor = descriptor }

    public static let standardError = FileDescriptorLogSink(descriptor: STDERR_FILENO)

    /// How many lines were dropped.
    public var droppedLines: Int { dropped.load(ordering: .relaxed) }

    /// Whether a person probably reads it: a terminal (isatty(3)).
    public var isTerminal: Bool { isatty(descriptor) == 1 }

    public func write(_ line: [UInt8]) {
        let result = line.withUnsafeBytes { buffer in
            var result = Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            while result < 0, errno == EINTR {
                result = Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            return result
        }
        if result != line.count { dropped.add(1, ordering: .relaxed) }
    }
}

/// Keeps the lines in memory, the newest `capacity` of them.
public final class MemoryLogSink: LogSink {
    private let kept = Mutex<[String]>([])
    private let capacity: Int

    public init(capacity: Int = 10000) { self.capacity = capacity }

    public var lines: [String] { kept.withLock { $0 } }

    public func write(_ line: [UInt8]) {
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        kept.withLock { lines in
            if lines.count == capacity { lines.removeFirst() }
            lines.append(text)
        }
    }
}

extension Logger {
    /// A logger for a service: for people on a terminal and as JSON otherwise, to standard error.
    public static func standardError(level: LogLevel = .info, clock: any WallClock) -> Logger {
        let sink = FileDescriptorLogSink.standardError
        let style: LogFormat.Style = sink.isTerminal ? .human(colour: getenv("NO_COLOR") == nil) : .json
        return Logger(level: level, format: LogFormat(style), clock: clock, sink: sink)
    }
}

import Concurrency
public import Core
import Synchronization

/// Hands lines to another sink on a thread of its own, so that one that blocks holds nobody up: a pipe that nobody reads, a
/// terminal that is paused, a full disk.
///
/// As many bytes wait as there is room for; lines beyond are dropped and counted.
public final class QueuedLogSink: LogSink {
    private struct State {
        var lines: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        /// Whether the thread is writing what it took.
        var isWriting = false
        /// Whoever waits for all to be written.
        var flushers: [Latch<Void>] = []
    }

    private let target: any LogSink
    private let capacity: Int
    private let state = Mutex(State())
    private let wake = Semaphore()

    /// - Parameter capacity: the most bytes of lines that wait.
    public init(_ target: any LogSink, capacity: Int = 1 << 20) {
        self.target = target
        self.capacity = capacity
        OSThread.start(name: "log") { [weak self, wake] in
            // Gone with the sink: whoever wrote last has flushed, or does not care.
            while true {
                wake.wait()
                guard let self else { return }
                self.writeAll()
            }
        }
    }

    deinit { wake.signal() }

    /// How many lines found no room.
    public var droppedLines: Int { state.withLock { $0.dropped } }

    public func write(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard state.bytes + line.count <= capacity else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            state.bytes += line.count
            return state.lines.count == 1
        }
        if isFirst { wake.signal() }
    }

    /// Returns once all that was logged is written, or after `limit`: at the end of a program.
    public func flush(within limit: Duration, clock: any MonotonicClock) async {
        let latch = Latch<Void>()
        let isDone = state.withLock { state in
            if state.lines.isEmpty, !state.isWriting { return true }
            state.flushers.append(latch)
            return false
        }
        if isDone { return }
        // What is not written by then stays so: the reader is gone or asleep.
        try? await withDeadline(limit, clock: clock, of: "writing the log") { try await latch.wait() }
    }

    /// Runs a program, and writes what it logged before its end, whichever that is.
    public func flushing<Result>(
        within limit: Duration, clock: any MonotonicClock, _ program: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await program()
            await flush(within: limit, clock: clock)
            return result
        } catch {
            await flush(within: limit, clock: clock)
            throw error
        }
    }

    private func writeAll() {
        while true {
            let (lines, flushers) = state.withLock { state -> ([[UInt8]], [Latch<Void>]) in
                let (lines, flushers) = (state.lines, state.flushers)
                state.lines = []
                state.isWriting = !lines.isEmpty
                if !lines.isEmpty { return (lines, []) }
                state.flushers = []
                return (lines, flushers)
            }
            for flusher in flushers { flusher.open() }
            if lines.isEmpty { return }
            for line in lines {
                target.write(line)
                // Its room is free only now: what is in the hands of a blocked sink counts.
                state.withLock { $0.bytes -= line.count }
            }
        }
    }
}

import Core
import Synchronization
import Terminal

/// An output that keeps what is written.
final class Recorder: Sendable {
    let output: Output

    init(isTerminal: Bool = false, columns: Int = 80, rows: Int = 24) {
        let holder = Holder()
        output = Output(
            isTerminal: isTerminal, usesColor: isTerminal,
            size: { isTerminal ? TerminalSize(columns: columns, rows: rows) : nil },
            write: { bytes throws(OutputError) in try holder.write(bytes) })
        self.holder = holder
    }

    private let holder: Holder

    var written: String { holder.text.withLock { $0 } }
    func clear() { holder.text.withLock { $0 = "" } }
    func close() { holder.isClosed.withLock { $0 = true } }

    private final class Holder: Sendable {
        let text = Mutex("")
        let isClosed = Mutex(false)

        func write(_ bytes: [UInt8]) throws(OutputError) {
            if isClosed.withLock({ $0 }) { throw .closed }
            text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
        }
    }
}

/// A clock that moves when told to.
final class HandClock: MonotonicClock {
    private let time = Mutex<Int64>(0)

    var now: MonotonicInstant { MonotonicInstant(nanoseconds: time.withLock { $0 }) }

    func advance(_ duration: Duration) { time.withLock { $0 += duration.inNanoseconds } }

    /// Nobody wakes: waits end by cancellation.
    func sleep(until deadline: MonotonicInstant) async throws {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        continuation.finish()
        throw CancellationError()
    }
}

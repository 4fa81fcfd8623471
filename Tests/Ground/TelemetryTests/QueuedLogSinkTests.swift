import Concurrency
import Core
import Synchronization
import Telemetry
import Testing

/// Blocks in `write` until it is let go.
private final class StuckSink: LogSink {
    let gate = Semaphore()
    let written = Mutex(0)

    func write(_ line: [UInt8]) {
        if written.withLock({ $0 == 0 }) { gate.wait() }
        written.withLock { $0 += 1 }
    }
}

struct QueuedLogSinkTests {
    @Test func `lines are written in their order`() async {
        let target = MemoryLogSink()
        let sink = QueuedLogSink(target)
        for number in 0..<1000 { sink.write(Array("\(number)\n".utf8)) }
        await sink.flush(within: .seconds(60), clock: LiveClock())
        #expect(target.lines == (0..<1000).map { "\($0)" })
        #expect(sink.droppedLines == 0)
    }

    @Test func `a sink that blocks holds nobody up, and what finds no room is dropped and counted`() async {
        let target = StuckSink()
        let sink = QueuedLogSink(target, capacity: 1000)
        for _ in 0..<500 { sink.write([UInt8](repeating: 0x61, count: 10)) }
        #expect(sink.droppedLines == 400)
        await sink.flush(within: .milliseconds(1), clock: LiveClock())
        target.gate.signal()
        await sink.flush(within: .seconds(60), clock: LiveClock())
        #expect(target.written.withLock { $0 } == 100)
    }

    @Test func `flushing what is empty returns at once`() async {
        await QueuedLogSink(MemoryLogSink()).flush(within: .seconds(60), clock: LiveClock())
    }
}

import CApollo
import Glibc

/// How a wait for a descriptor ended.
package enum WaitOutcome: Sendable {
    case ready
    case timedOut
    case aborted
}

/// A descriptor that a loop watches, edge-triggered, and those who wait for it. Every member but `loop` and `descriptor` belongs
/// to the loop's thread.
package final class DescriptorWatch: @unchecked Sendable {
    private struct Waiter {
        var continuation: UnsafeContinuation<WaitOutcome, Never>
        var deadline: Int64
    }

    package let loop: EventLoop
    package let descriptor: Int32
    /// Whether reading may find something. Edge-triggered: set by an event, cleared by a read that came short.
    package var mayRead = true
    /// Whether writing may find room.
    package var mayWrite = true
    /// The peer sends no more.
    package private(set) var isFinished = false
    /// The connection is gone in both directions.
    package private(set) var isHungUp = false
    /// Called once when the peer stops sending or the connection breaks, on the loop's thread.
    package var onHangUp: (() -> Void)?

    private var reader: Waiter?
    private var writer: Waiter?
    private var timer: LoopTimer?
    private var timerDeadline = Int64.max
    private var isAborted = false
    package private(set) var isClosed = false

    /// Takes `descriptor` over: ``close()`` closes it. Throws where epoll cannot watch it, as with plain files.
    package init(descriptor: Int32, loop: EventLoop) throws(SocketError) {
        precondition(loop.isCurrent, "a descriptor is watched from its loop")
        self.loop = loop
        self.descriptor = descriptor
        let code = loop.add(self)
        guard code == 0 else {
            isClosed = true
            throw .system("watch a descriptor", code)
        }
    }

    func happened(_ events: UInt32) {
        guard !isClosed else { return }
        let broken = events & UInt32(CAPOLLO_EPOLL_ERROR | CAPOLLO_EPOLL_HANGUP) != 0
        let finished = broken || events & UInt32(CAPOLLO_EPOLL_READ_HANGUP) != 0
        if finished || events & UInt32(CAPOLLO_EPOLL_IN) != 0 {
            mayRead = true
            resumeReader(.ready)
        }
        if broken || events & UInt32(CAPOLLO_EPOLL_OUT) != 0 {
            mayWrite = true
            resumeWriter(.ready)
        }
        if finished && !isFinished || broken && !isHungUp {
            isFinished = true
            isHungUp = isHungUp || broken
            onHangUp?()
        }
    }

    /// Returns when reading may find something, or at `deadline`, a moment of the loop's clock. With `unlessCancelled` a task that is
    /// cancelled already does not wait; ending a wait at a later cancellation is the caller's, by ``interruptReader()``.
    package func readable(until deadline: Int64 = .max, unlessCancelled: Bool = false) async -> WaitOutcome {
        await withUnsafeContinuation { continuation in
            // Looked at here and not before: for a task of another executor an await takes a turn of the loop, and an
            // event that comes in that turn must not be missed.
            loop.checkIsolated()
            if isAborted || isClosed || unlessCancelled && Task.isCancelled {
                return continuation.resume(returning: .aborted)
            }
            if mayRead || isFinished { return continuation.resume(returning: .ready) }
            precondition(reader == nil, "two readers on one descriptor")
            reader = Waiter(continuation: continuation, deadline: deadline)
            arm(deadline)
        }
    }

    /// Returns when writing may find room, or at `deadline`, a moment of the loop's clock.
    package func writable(until deadline: Int64 = .max, unlessCancelled: Bool = false) async -> WaitOutcome {
        await withUnsafeContinuation { continuation in
            loop.checkIsolated()
            if isAborted || isClosed || unlessCancelled && Task.isCancelled {
                return continuation.resume(returning: .aborted)
            }
            if mayWrite { return continuation.resume(returning: .ready) }
            precondition(writer == nil, "two writers on one descriptor")
            writer = Waiter(continuation: continuation, deadline: deadline)
            arm(deadline)
        }
    }

    var hasReader: Bool { reader != nil }
    var hasWriter: Bool { writer != nil }

    /// Ends whoever waits now, but none that comes later.
    package func interruptReader() { resumeReader(.aborted) }
    package func interruptWriter() { resumeWriter(.aborted) }

    /// Ends every wait, now and later.
    package func abort() {
        isAborted = true
        resumeReader(.aborted)
        resumeWriter(.aborted)
    }

    /// Stops watching and closes the descriptor.
    package func close() {
        guard release() else { return }
        _ = Glibc.close(descriptor)
    }

    /// Stops watching and leaves the descriptor open. False when that was done before.
    @discardableResult
    func release() -> Bool {
        precondition(loop.isCurrent, "a descriptor is closed on its loop")
        guard !isClosed else { return false }
        isClosed = true
        abort()
        onHangUp = nil
        if let timer { loop.cancel(timer) }
        timer = nil
        loop.remove(self)
        return true
    }

    private func resumeReader(_ outcome: WaitOutcome) {
        guard let waiter = reader else { return }
        reader = nil
        waiter.continuation.resume(returning: outcome)
    }

    private func resumeWriter(_ outcome: WaitOutcome) {
        guard let waiter = writer else { return }
        writer = nil
        waiter.continuation.resume(returning: outcome)
    }

    /// Makes sure that a timer fires at `deadline` or earlier. One that fires early looks again: deadlines mostly move
    /// away, and a connection that is busy must not pay for a timer at each of its requests.
    private func arm(_ deadline: Int64) {
        guard deadline < timerDeadline else { return }
        if let timer { loop.cancel(timer) }
        timerDeadline = deadline
        timer = loop.schedule(at: deadline) { [unowned self] in
            timer = nil
            timerDeadline = .max
            if let reader, reader.deadline <= loop.now { resumeReader(.timedOut) }
            if let writer, writer.deadline <= loop.now { resumeWriter(.timedOut) }
            arm(min(reader?.deadline ?? .max, writer?.deadline ?? .max))
        }
    }
}

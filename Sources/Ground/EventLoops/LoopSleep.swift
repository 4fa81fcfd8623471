public import Core

extension EventLoop {
    /// The loop's clock: `CLOCK_MONOTONIC`, as that of `Environment.live`.
    public var instant: MonotonicInstant { MonotonicInstant(nanoseconds: monotonicNanoseconds()) }

    /// Returns at `deadline` or within a millisecond after; throws `CancellationError` as soon as the task is cancelled
    /// or the loop stops.
    public func sleep(until deadline: MonotonicInstant) async throws {
        let sleeper = Sleeper()
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                execute { sleeper.start(continuation, until: deadline.nanoseconds, on: self) }
            }
        } onCancel: {
            execute { sleeper.cancel(on: self) }
        }
        if !isOver { throw CancellationError() }
    }

    /// Returns after `duration`; throws `CancellationError` as soon as the task is cancelled or the loop stops.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: instant.advanced(by: duration))
    }
}

/// One sleep, touched on the loop's thread alone. The cancellation may come before the start.
private final class Sleeper: @unchecked Sendable {
    private var continuation: CheckedContinuation<Bool, Never>?
    private var timer: LoopTimer?
    private var isCancelled = false

    func start(_ continuation: CheckedContinuation<Bool, Never>, until deadline: Int64, on loop: EventLoop) {
        guard !isCancelled else { return continuation.resume(returning: false) }
        self.continuation = continuation
        timer = loop.schedule(at: deadline) { [self] in
            timer = nil
            finish(isOver: monotonicNanoseconds() >= deadline)
        }
    }

    func cancel(on loop: EventLoop) {
        isCancelled = true
        if let timer { loop.cancel(timer) }
        timer = nil
        finish(isOver: false)
    }

    private func finish(isOver: Bool) {
        let continuation = self.continuation
        self.continuation = nil
        continuation?.resume(returning: isOver)
    }
}

import HTTPModel
import Synchronization

/// Where a streamed request body waits to be sent: filled by a task that reads it, emptied on the client's thread.
final class RequestOutbox: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var first = 0
        /// Bytes of the first piece that are sent already.
        var offset = 0
        var held = 0
        var hasEnded = false
        var failure: HTTPClientError?
        /// libcurl found nothing to send, and waits to be told otherwise.
        var isPaused = false
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
        var pump: Task<Void, Never>?

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    /// What there was to send.
    enum Filling { case bytes(Int), end, pause, failure(HTTPClientError) }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    // MARK: The client's thread

    /// Moves what is here into `buffer`.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Filling {
        let (filling, waiter) = state.withLock { state -> (Filling, CheckedContinuation<Void, Never>?) in
            if let failure = state.failure { return (.failure(failure), nil) }
            var filled = 0
            while filled < buffer.count, state.first < state.pieces.count {
                let piece = state.pieces[state.first]
                let count = min(piece.count - state.offset, buffer.count - filled)
                piece.withUnsafeBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
                        .copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: bytes[state.offset...].prefix(count)))
                }
                filled += count
                state.offset += count
                if state.offset == piece.count {
                    state.pieces[state.first] = []
                    state.first += 1
                    state.offset = 0
                }
            }
            if state.first == state.pieces.count {
                state.pieces.removeAll(keepingCapacity: true)
                state.first = 0
            }
            state.held -= filled
            if filled > 0 { return (.bytes(filled), state.held <= limit / 2 ? state.takeWaiter() : nil) }
            if state.hasEnded { return (.end, nil) }
            state.isPaused = true
            return (.pause, nil)
        }
        waiter?.resume()
        return filling
    }

    /// Nothing will be sent any more.
    func close() {
        let (waiter, pump) = state.withLock { state in
            state.isClosed = true
            state.pieces = []
            defer { state.pump = nil }
            return (state.takeWaiter(), state.pump)
        }
        waiter?.resume()
        pump?.cancel()
    }

    // MARK: The task that reads the body

    /// Reads `reader` to its end, calling `resume` whenever libcurl, which was paused, has something to send again.
    ///
    /// In a task of its own, since it goes on after `send` returned, which is when the response begins; it is
    /// cancelled when the transfer ends.
    func start(_ reader: any HTTPBodyReader, resume: @escaping @Sendable () -> Void) {
        let pump = Task { await self.pump(from: reader, resume: resume) }
        let isClosed = state.withLock { state in
            if !state.isClosed && !state.hasEnded { state.pump = pump }
            return state.isClosed
        }
        if isClosed { pump.cancel() }
    }

    private func pump(from reader: any HTTPBodyReader, resume: @Sendable () -> Void) async {
        do {
            while let piece = try await reader.next() {
                let (isClosed, wasPaused) = state.withLock { state in
                    guard !state.isClosed else { return (true, false) }
                    state.pieces.append(piece)
                    state.held += piece.count
                    defer { state.isPaused = false }
                    return (false, state.isPaused)
                }
                if isClosed { return }
                if wasPaused { resume() }
                await room()
            }
            end(nil, resume)
        } catch {
            end(.requestBodyFailed("\(error)"), resume)
        }
    }

    private func end(_ failure: HTTPClientError?, _ resume: () -> Void) {
        let wasPaused = state.withLock { state in
            state.hasEnded = true
            state.failure = failure
            state.pump = nil
            defer { state.isPaused = false }
            return state.isPaused
        }
        if wasPaused { resume() }
    }

    /// Returns once less than the limit is held, or nothing will be sent any more.
    private func room() async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                let hasRoom = state.held < limit || state.isClosed
                if !hasRoom { state.waiter = continuation }
                return hasRoom
            }
            if hasRoom { continuation.resume() }
        }
    }
}

import Concurrency
import Core
import HTTPModel
import Synchronization

/// An open connection, as the application uses it: one receives, any may send.
///
/// What is not received waits at the peer: a few messages are taken ahead, then nothing more is read. A send returns when the
/// bytes are handed to the network. Pings are answered and sent without the application.
public final class WebSocket: Sendable {
    /// What one connection may take and how long it waits.
    public struct Configuration: Sendable {
        public var limits = WebSocketLimits()
        public var timing = WebSocketTiming()

        public init() {}
    }

    private struct State {
        var connection: WebSocketConnection
        /// Taken from the inbox and not received yet, the next one last.
        var batch: [WebSocketMessage] = []
        var ending: WebSocketEnding?
    }

    private let stream: any HTTPUpgradedConnection
    private let clock: any MonotonicClock
    private let mask: @Sendable () -> WebSocketMask?
    private let state: Mutex<State>
    private let inbox = Mailbox<WebSocketMessage>("WebSocket", capacity: 2)
    // What is sent is decided while holding it, so that nothing follows a close frame.
    private let writing = Permits(1)

    init(
        over stream: any HTTPUpgradedConnection, role: WebSocketRole, _ configuration: Configuration,
        clock: any MonotonicClock, mask: @escaping @Sendable () -> WebSocketMask?
    ) {
        self.stream = stream
        self.clock = clock
        self.mask = mask
        state = Mutex(
            State(
                connection: WebSocketConnection(
                    role: role, limits: configuration.limits, timing: configuration.timing, now: clock.now)))
    }

    /// The next message; nil once the peer has closed. Throws ``WebSocketEnding`` where the connection ended otherwise. One
    /// receives at a time.
    public func receive() async throws -> WebSocketMessage? {
        while true {
            if let message = state.withLock({ $0.batch.popLast() }) { return message }
            if let batch = try await inbox.nextBatch() {
                state.withLock { $0.batch = batch.reversed() }
            } else if let ending = state.withLock({ $0.ending }), !ending.isProper {
                throw ending
            } else {
                return nil
            }
        }
    }

    /// Sends a message. Throws ``WebSocketEnding`` when the connection is closed or breaks.
    public func send(_ message: WebSocketMessage) async throws {
        try await writing.withPermit {
            guard let frame = state.withLock({ $0.connection.frame(of: message) }) else {
                throw state.withLock { $0.ending } ?? WebSocketEnding.closed(WebSocketClose())
            }
            try await write(frame)
        }
    }

    /// Says that nothing more will be sent, and why. What the peer sends from now on is dropped; ``receive()`` gives what came
    /// before.
    public func close(_ code: WebSocketCloseCode = .normal, _ reason: String = "") async throws {
        try await writing.withPermit {
            let now = clock.now
            let frame = state.withLock { $0.connection.close(WebSocketClose(code, reason), at: now) }
            if let frame { try await write(frame) }
        }
    }

    /// As ``close(_:_:)``, for a task that is cancelled: it does not wait for its turn to write.
    func leave(_ code: WebSocketCloseCode, _ reason: String) async throws {
        guard writing.tryAcquire() else { return }
        defer { writing.release() }
        let now = clock.now
        let frame = state.withLock { $0.connection.close(WebSocketClose(code, reason), at: now) }
        if let frame { try await write(frame) }
    }

    private func write(_ frame: WebSocketFrame) async throws {
        do {
            try await stream.write(frame.bytes(mask: mask()))
        } catch {
            throw WebSocketEnding.disconnected
        }
    }

    // MARK: - For who runs it

    /// Breaks off, without a word.
    func abort() { stream.abort() }

    /// Nobody receives any more.
    func stopReceiving() { inbox.close() }

    /// Reads until the end, and says how that was.
    func read() async -> WebSocketEnding {
        let ending: WebSocketEnding
        do {
            ending = try await readToEnd()
        } catch {
            // Whatever a read or a write failed with, the peer is not there any more.
            ending = state.withLock { $0.connection.disconnect() }
        }
        state.withLock { $0.ending = ending }
        inbox.close()
        return ending
    }

    private func readToEnd() async throws -> WebSocketEnding {
        while true {
            var directive: WebSocketConnection.Directive?
            do {
                let deadline = state.withLock { $0.connection.deadline }
                guard let bytes = try await stream.read(before: deadline) else {
                    return state.withLock { $0.connection.disconnect() }
                }
                let now = clock.now
                directive = state.withLock { state in
                    state.connection.feed(bytes, at: now)
                    return state.connection.next()
                }
            } catch HTTPBodyError.timedOut {
                let now = clock.now
                directive = state.withLock { $0.connection.tick(at: now) }
            }
            while let present = directive {
                switch present {
                case .deliver(let message): try await deliver(message)
                case .send(let frame): try await writing.withPermit { try await write(frame) }
                case .end(let ending): return ending
                }
                directive = state.withLock { $0.connection.next() }
            }
        }
    }

    private func deliver(_ message: WebSocketMessage) async throws {
        if inbox.send(message) { return }
        do {
            try await inbox.sendWaiting(message)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return  // Closed: nobody receives any more, and what comes is dropped.
        }
        let now = clock.now
        // Nothing was read meanwhile, and so nothing could be heard.
        state.withLock { $0.connection.hear(at: now) }
    }
}

public import Core

/// One end of a connection as a plain value: what comes in and the time, out of which follows what is to be done.
///
/// Feed it what was read, and carry out what ``next()`` gives until it gives nil. It sends nothing after its close frame, answers
/// each ping, and knows until when it may hear nothing.
public struct WebSocketConnection: Sendable {
    /// What the owner is to do.
    public enum Directive: Hashable, Sendable {
        case deliver(WebSocketMessage)
        case send(WebSocketFrame)
        /// It is over: nothing more is read or written, and the stream below is to be closed.
        case end(WebSocketEnding)
    }

    private enum Phase {
        case open
        /// Since this moment the peer has been waited for after a ping.
        case asked(at: MonotonicInstant)
        /// We have said that we close.
        case closing(until: MonotonicInstant)
        /// All that is left is to say how it ended.
        case ending(WebSocketEnding)
        case ended
    }

    private var decoder: WebSocketDecoder
    private let timing: WebSocketTiming
    private var phase = Phase.open
    private var heard: MonotonicInstant

    public init(
        role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(),
        timing: WebSocketTiming = WebSocketTiming(), now: MonotonicInstant
    ) {
        decoder = WebSocketDecoder(peer: role == .server ? .client : .server, limits: limits)
        self.timing = timing
        heard = now
    }

    /// Whether messages can be sent.
    public var isOpen: Bool {
        switch phase {
        case .open, .asked: true
        case .closing, .ending, .ended: false
        }
    }

    /// When ``tick(at:)`` is to be called unless something is read before.
    public var deadline: MonotonicInstant {
        switch phase {
        case .open: heard.advanced(by: timing.heartbeat)
        case .asked(let time): time.advanced(by: timing.silence)
        case .closing(let end): end
        case .ending, .ended: heard
        }
    }

    /// Takes in what was read.
    public mutating func feed(_ bytes: [UInt8], at now: MonotonicInstant) {
        hear(at: now)
        decoder.feed(bytes)
    }

    /// The peer counts as heard: what it sent could not be read before, since its messages were not taken.
    public mutating func hear(at now: MonotonicInstant) {
        heard = now
        if case .asked = phase { phase = .open }
    }

    /// What is to be done next; nil for reading on.
    public mutating func next() -> Directive? {
        while true {
            if case .ending(let ending) = phase {
                phase = .ended
                return .end(ending)
            }
            if case .ended = phase { return nil }
            do throws(WebSocketViolation) {
                guard let event = try decoder.next() else { return nil }
                if let directive = answer(event) { return directive }
            } catch {
                let wasOpen = isOpen
                phase = .ending(.violated(error))
                if wasOpen { return .send(Self.closing(WebSocketClose(error.code, error.reason))) }
            }
        }
    }

    private mutating func answer(_ event: WebSocketEvent) -> Directive? {
        switch event {
        // Whoever has said that it closes wants no more.
        case .message(let message): return isOpen ? .deliver(message) : nil
        case .ping(let payload): return isOpen ? .send(WebSocketFrame(.pong, payload)) : nil
        case .pong: return nil
        case .close(let close):
            let wasOpen = isOpen
            phase = .ending(.closed(close))
            return wasOpen ? .send(Self.closing(WebSocketClose(close.code))) : nil
        }
    }

    private static func closing(_ close: WebSocketClose) -> WebSocketFrame {
        WebSocketFrame(.close, close.payload)
    }

    /// The frame of a message, or nil where it can no longer be sent.
    public func frame(of message: WebSocketMessage) -> WebSocketFrame? { isOpen ? message.frame : nil }

    /// Begins to close. The frame to send, or nil where that was done before.
    public mutating func close(_ close: WebSocketClose, at now: MonotonicInstant) -> WebSocketFrame? {
        guard isOpen else { return nil }
        phase = .closing(until: now.advanced(by: timing.closing))
        return Self.closing(close)
    }

    /// What the time calls for; nil before the deadline.
    public mutating func tick(at now: MonotonicInstant) -> Directive? {
        guard now >= deadline else { return nil }
        switch phase {
        case .open:
            phase = .asked(at: now)
            return .send(WebSocketFrame(.ping, []))
        case .asked: phase = .ending(.silent)
        case .closing: phase = .ending(.unanswered)
        case .ending, .ended: break
        }
        return next()
    }

    /// The stream below has ended or broken. How the connection ended thereby.
    public mutating func disconnect() -> WebSocketEnding {
        defer { phase = .ended }
        if case .ending(let ending) = phase { return ending }
        return .disconnected
    }
}

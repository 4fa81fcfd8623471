/// What a decoder found next.
public enum WebSocketEvent: Hashable, Sendable {
    case message(WebSocketMessage)
    case ping([UInt8])
    case pong([UInt8])
    /// The peer will send no more.
    case close(WebSocketClose)
}

/// Reads what one peer sends: bytes in, messages and control frames out; no input or output of its own.
///
/// Strict, as the RFC has it, and early: a reserved bit, a length over the limit or a byte that is no UTF-8 is refused when it
/// comes, not at the end of its frame. What comes out does not depend on how the bytes were cut. No extension is spoken.
public struct WebSocketDecoder: Sendable {
    private enum State {
        case head
        /// Within a frame's payload, `taken` bytes of which have come.
        case payload(WebSocketFrameHead, taken: Int)
        case ended
        case failed(WebSocketViolation)
    }

    private let peer: WebSocketRole
    private let limits: WebSocketLimits
    private var state = State.head
    /// What was fed, from `start` on not used up yet. At most a head that is not whole stays behind.
    private var input: [UInt8] = []
    private var start = 0

    /// The message under way, of one or more frames.
    private var opcode: WebSocketFrame.Opcode?
    private var message: [UInt8] = []
    private var validation = UTF8Validation()
    private var control: [UInt8] = []

    /// - Parameter peer: who sends what is read.
    public init(peer: WebSocketRole, limits: WebSocketLimits = WebSocketLimits()) {
        self.peer = peer
        self.limits = limits
    }

    /// Takes in what has come. What it holds is to be read with ``next()`` until that gives nil.
    public mutating func feed(_ bytes: [UInt8]) {
        if input.isEmpty { input = bytes } else { input += bytes }
    }

    /// The next event, or nil for more bytes. After a violation every further call throws it again, after a close frame nothing
    /// more is read.
    public mutating func next() throws(WebSocketViolation) -> WebSocketEvent? {
        do throws(WebSocketViolation) {
            while true {
                switch state {
                case .ended: return nil
                case .failed(let violation): throw violation
                case .head:
                    guard let (head, size) = try WebSocketFrameHead.read(input[start...], from: peer) else {
                        return rest()
                    }
                    try begin(head)
                    start += size
                    state = .payload(head, taken: 0)
                case .payload(let head, let taken):
                    let count = min(head.length - taken, input.count - start)
                    if count > 0 { try take(count, of: head, at: taken) }
                    guard taken + count == head.length else {
                        state = .payload(head, taken: taken + count)
                        return rest()
                    }
                    state = .head
                    if let event = try end(head) { return event }
                }
            }
        } catch {
            state = .failed(error)
            input = []
            start = 0
            message = []
            throw error
        }
    }

    /// Nothing more is to be read. What was read in large pieces is not kept for a connection that is quiet.
    private mutating func rest() -> WebSocketEvent? {
        input = Array(input[start...])
        start = 0
        return nil
    }

    /// Checks a frame against what came before it.
    private mutating func begin(_ head: WebSocketFrameHead) throws(WebSocketViolation) {
        switch head.opcode {
        case .continuation:
            guard opcode != nil else { throw .malformed("a continuation of no message") }
        case .text, .binary:
            guard opcode == nil else { throw .malformed("a message begins within another") }
            opcode = head.opcode
            validation = UTF8Validation()
        case .close, .ping, .pong:
            control = []
            return
        }
        guard head.length <= limits.messageBytes - message.count else {
            throw WebSocketViolation(.messageTooBig, "a message is longer than \(limits.messageBytes) bytes")
        }
    }

    private mutating func take(
        _ count: Int, of head: WebSocketFrameHead, at offset: Int
    ) throws(WebSocketViolation) {
        let end = start + count
        let isValid = input.withUnsafeMutableBytes { bytes in
            let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end])
            head.mask?.apply(to: piece, offset: offset)
            if head.opcode.isControl {
                control += piece
                return true
            }
            message += piece
            return opcode != .text || validation.accept(UnsafeRawBufferPointer(piece))
        }
        start = end
        guard isValid else { throw WebSocketViolation(.invalidPayload, "a text is not UTF-8") }
    }

    private mutating func end(_ head: WebSocketFrameHead) throws(WebSocketViolation) -> WebSocketEvent? {
        switch head.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong(control)
        case .close:
            let close = try readClose()
            state = .ended
            return .close(close)
        case .continuation, .text, .binary:
            guard head.isFinal else { return nil }
            defer {
                opcode = nil
                message = []
            }
            guard opcode == .text else { return .message(.binary(message)) }
            guard validation.isComplete else {
                throw WebSocketViolation(.invalidPayload, "a text ends within a character")
            }
            return .message(.text(String(decoding: message, as: UTF8.self)))
        }
    }

    private func readClose() throws(WebSocketViolation) -> WebSocketClose {
        guard !control.isEmpty else { return WebSocketClose() }
        guard control.count > 1 else { throw .malformed("a close frame of one byte") }
        let code = WebSocketCloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
        guard code.isSendable else { throw .malformed("the close code \(code) is not one to be sent") }
        guard let reason = String(validating: control[2...], as: UTF8.self) else {
            throw WebSocketViolation(.invalidPayload, "the reason of a close frame is not UTF-8")
        }
        return WebSocketClose(code, reason)
    }
}

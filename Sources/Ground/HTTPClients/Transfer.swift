import CCurl
import Core
import HTTPModel

/// One request on its way and its response: what libcurl's callbacks work on.
///
/// The inbox and the outbox are shared; all other state belongs to the client's thread once the transfer is started.
final class Transfer: @unchecked Sendable {
    let request: HTTPClientRequest
    let timeouts: HTTPTimeouts
    /// When the whole call ends, whatever happens.
    let expiry: MonotonicInstant?
    /// Who is called, for messages: a socket's path, or a host and port.
    let peer: String
    let inbox: ResponseInbox
    let outbox: RequestOutbox?
    /// The reader to pump into `outbox`.
    let reader: (any HTTPBodyReader)?

    private let clock: any MonotonicClock
    private let fieldLimit: Int
    private var handle: EasyHandle?
    /// What a callback found wrong: libcurl's own code says only that a callback failed.
    private(set) var failure: HTTPClientError?
    private var head: ResponseHeadReader
    private var bytesSent: Int64 = 0
    private var timesSent = 0
    private var lastActivity: MonotonicInstant
    private(set) var isConnected = false
    private var isReceivePaused = false
    private var isSendPaused = false
    var isFinished = false

    init(
        _ request: HTTPClientRequest, expiry: MonotonicInstant?, configuration: HTTPClientConfiguration,
        clock: any MonotonicClock
    ) {
        self.request = request
        self.expiry = expiry
        self.clock = clock
        timeouts = request.timeouts ?? configuration.timeouts
        peer = request.unixSocket ?? configuration.unixSocket ?? request.authority
        inbox = ResponseInbox(limit: configuration.bodyBuffer)
        switch request.body {
        case .empty, .bytes: reader = nil
        case .stream(let reader, _): self.reader = reader
        case .replayable(_, let make): reader = make()
        }
        outbox = reader == nil ? nil : RequestOutbox(limit: configuration.bodyBuffer)
        fieldLimit = configuration.maximumFieldBytes
        head = ResponseHeadReader(limit: fieldLimit, maximumRedirects: request.maximumRedirects)
        lastActivity = clock.now
    }

    /// The length of the body, where it is known.
    var bodyLength: Int64? {
        switch request.body {
        case .empty: 0
        case .bytes(let bytes): Int64(bytes.count)
        case .stream(_, let length), .replayable(let length, _): length
        }
    }

    // MARK: On the client's thread

    /// The libcurl handle, while there is one.
    var pointer: UnsafeMutableRawPointer? {
        switch handle {
        case .some(let handle): handle.pointer
        case .none: nil
        }
    }

    /// What libcurl and the system say of the last failure: libcurl's words, or none, and an error number, or 0.
    var lastFailure: (message: String, systemError: Int32) {
        switch handle {
        case .some(let handle): (handle.errorMessage, handle.systemError)
        case .none: ("", 0)
        }
    }

    /// Makes the libcurl handle.
    func prepare(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
        lastActivity = clock.now
        handle = try EasyHandle.configured(for: self, configuration)
    }

    /// Ends the transfer, which libcurl must have let go of.
    func finish(_ error: HTTPClientError?) {
        guard !isFinished else { return }
        isFinished = true
        handle = nil
        outbox?.close()
        inbox.finish(error)
    }

    /// Lets libcurl go on with whichever direction has something to do again.
    func resume() {
        guard let pointer else { return }
        isReceivePaused = false
        isSendPaused = false
        lastActivity = clock.now
        // The direction that still has nothing to do pauses itself again in its callback, which may run in this call.
        curl_easy_pause(pointer, CURLPAUSE_CONT)
    }

    /// Which of its deadlines passed, if one did.
    func expired(at now: MonotonicInstant) -> HTTPClientError? {
        if let expiry, expiry <= now {
            return .timedOut(.total, after: timeouts.total ?? .zero, peer: peer)
        }
        guard let idle = timeouts.idle, let idleExpiry = idleExpiry(idle), idleExpiry <= now else {
            return nil
        }
        return .timedOut(.idle, after: idle, peer: peer)
    }

    /// The earliest moment at which ``expired(at:)`` may have something to say, as seen from `now`.
    func nextExpiry(from now: MonotonicInstant) -> MonotonicInstant? {
        guard let idle = timeouts.idle else { return expiry }
        let idleExpiry = idleExpiry(idle) ?? now.advanced(by: idle)
        return expiry.map { min($0, idleExpiry) } ?? idleExpiry
    }

    /// Nil while it is not the peer that is waited for.
    private func idleExpiry(_ idle: Duration) -> MonotonicInstant? {
        guard isConnected, !isReceivePaused, !isSendPaused else { return nil }
        return lastActivity.advanced(by: idle)
    }

    // MARK: libcurl's callbacks

    /// A request is about to be sent on a connection that stands. libcurl sends it anew by itself where a connection
    /// of the pool turns out to be closed, even when the peer may have read the request: refused unless that is harmless.
    func willSend() -> Bool {
        isConnected = true
        lastActivity = clock.now
        timesSent += 1
        guard timesSent > 1 + head.redirects, !request.isIdempotent else { return true }
        failure = .disconnected(from: peer, reason: "it closed before the response began")
        return false
    }

    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        lastActivity = clock.now
        do throws(ResponseHeadReader.Failure) {
            if let head = try head.read(line) { inbox.receive(head) }
            return true
        } catch {
            switch error {
            case .tooLarge: failure = .tooLarge(limit: fieldLimit, peer: peer)
            case .malformed(let reason): failure = .malformedResponse(from: peer, reason: reason)
            }
            return false
        }
    }

    /// False where the reader is behind: pause.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastActivity = clock.now
        guard inbox.receive(bytes) else {
            isReceivePaused = true
            return false
        }
        return true
    }

    /// Fills `buffer` with what is to be sent.
    func sendBody(_ buffer: UnsafeMutableRawBufferPointer) -> RequestOutbox.Filling {
        lastActivity = clock.now
        let filling = fill(buffer)
        switch filling {
        case .bytes(let count):
            bytesSent += Int64(count)
            if let bodyLength, bytesSent > bodyLength {
                return fail("it is longer than the \(bodyLength) bytes announced")
            }
        case .end:
            if let bodyLength, bytesSent < bodyLength {
                return fail("it ended after \(bytesSent) of \(bodyLength) bytes")
            }
        case .pause: isSendPaused = true
        case .failure(let error): failure = error
        }
        return filling
    }

    /// Whether the body can be sent from its start again.
    func rewind() -> Bool {
        guard outbox == nil || bytesSent == 0 else { return false }
        bytesSent = 0
        return true
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> RequestOutbox.Filling {
        if let outbox { return outbox.fill(buffer) }
        guard case .bytes(let bytes) = request.body, bytesSent < bytes.count else { return .end }
        let count = min(buffer.count, bytes.count - Int(bytesSent))
        bytes.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[Int(bytesSent)...].prefix(count))
            UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]).copyMemory(from: part)
        }
        return .bytes(count)
    }

    private func fail(_ reason: String) -> RequestOutbox.Filling {
        failure = .requestBodyFailed(reason)
        return .failure(.requestBodyFailed(reason))
    }
}

import EventLoops
import HTTPModel
import HTTPParser

/// What is known of the streamed body of the response under way.
struct OutgoingStream {
    /// Nil where no body is being streamed.
    var framing: ResponseFraming?
    /// Bytes still promised by `Content-Length`.
    var left: Int64 = 0
    var isWriting = false
    /// Those whose turn to write comes next.
    var waiters: [UnsafeContinuation<Void, Never>] = []

    /// Gives the turn to the next who waits.
    mutating func endWriting() {
        isWriting = !waiters.isEmpty
        if isWriting { waiters.removeFirst().resume() }
    }
}

extension Connection {
    /// Bodies up to this size are copied behind the head, and go out with it in one piece.
    private static let inlineBytes = 8 << 10
    /// How much is offered to the network in one call.
    private static let pieceBytes = 256 << 10

    /// What came of an answer that was tried without waiting, and whether the connection goes on.
    enum ImmediateAnswer {
        case sent(isKept: Bool)
        /// The network has no room for the rest yet.
        case begun(rest: [UInt8], isKept: Bool)
        /// Nothing was sent: it takes ``respond(_:to:)``.
        case unsuitable
    }

    /// Answers with a short body that is in memory, which the network nearly always takes at once. Apart from ``respond(_:to:)``
    /// since each call that could wait costs, even if it does not, as much as a tenth of such an answer.
    func respondAtOnce(_ response: HTTPResponse, to head: HTTPRequestHead) throws(TransportError)
        -> ImmediateAnswer
    {
        let status = response.status.rawValue
        guard case .bytes(let bytes) = response.body, bytes.count <= Self.inlineBytes, head.method != .head,
            (200...999).contains(status), status != 204, status != 304
        else { return .unsuitable }
        let isKept = mayGoOn(head) && body.canBeDrained(upTo: limits.unreadBodyBytes)
        let frame = frame(.length(Int64(bytes.count)), isKept, head)
        guard let rest = try sendNow(response, frame, bytes) else { return .unsuitable }
        services.counters.countResponse(status)
        if rest.head == nil, !transport.holdsOutput { return .sent(isKept: isKept) }
        return .begun(rest: rest.head ?? [], isKept: isKept)
    }

    /// Writes the response. Whether the connection can go on after it.
    func respond(_ response: HTTPResponse, to head: HTTPRequestHead) async throws(TransportError) -> Bool {
        let status = response.status.rawValue
        if case .upgrade(let use) = response.body, status == 101 {
            return try await respond(withUpgrade: use, response, to: head)
        }
        guard (200...999).contains(status) else {
            return try await respondInvalid("a handler cannot send the status \(status)", to: head)
        }
        if case .file(let path) = response.body {
            return try await respond(withFile: path, response, to: head)
        }
        var isKept = mayGoOn(head)
        let hasBody = status != 204 && status != 304
        switch response.body {
        case .stream(let length, let produce) where hasBody:
            let framing: ResponseFraming =
                length.map { .length($0) } ?? (head.minorVersion == 1 ? .chunked : .untilClose)
            if case .untilClose = framing { isKept = false }
            guard try await send(response, frame(framing, isKept, head)) else {
                return try await respondInvalid("a field cannot be sent", to: head)
            }
            if head.method != .head { try await produceBody(produce, framing, head) }
            return isKept
        default:
            // Only a stream reads the request's body later.
            isKept = isKept && body.canBeDrained(upTo: limits.unreadBodyBytes)
            let framing: ResponseFraming = hasBody ? .length(response.body.knownLength) : .none
            let isSent = hasBody && head.method != .head
            guard try await send(response, frame(framing, isKept, head), withBody: isSent) else {
                return try await respondInvalid("a field cannot be sent", to: head)
            }
            return isKept
        }
    }

    /// Whether the connection may go on after the request, as far as its head and the server tell.
    func mayGoOn(_ head: HTTPRequestHead) -> Bool {
        head.isKeptAlive && request < limits.requestsPerConnection && !isCut && !services.registry.isDraining
            && !awaitsNothing(head)
    }

    /// Whether the client waits for `100 Continue` although it has nothing to send. Amazon's own client (botocore) takes what follows
    /// an answer that came instead for a part of it, unless the connection ends.
    private func awaitsNothing(_ head: HTTPRequestHead) -> Bool {
        head.body == .none && head.method == .put && head.fields.contains("Expect")
    }

    func frame(_ framing: ResponseFraming, _ isKept: Bool, _ head: HTTPRequestHead) -> ResponseFrame {
        let connection: StaticString? = isKept ? (head.minorVersion == 0 ? "keep-alive" : nil) : "close"
        return ResponseFrame(framing: framing, connection: connection)
    }

    func respondInvalid(_ reason: String, to head: HTTPRequestHead) async throws(TransportError) -> Bool {
        services.configuration.report(
            .responseInvalid(method: head.method, target: head.target, reason: reason))
        let problem = services.configuration.problem(.internalServerError, nil)
        let isKept = mayGoOn(head) && body.canBeDrained(upTo: limits.unreadBodyBytes)
        let framing = ResponseFraming.length(problem.body.knownLength)
        try await send(problem, frame(framing, isKept, head), withBody: head.method != .head)
        return isKept
    }

    /// Writes a head, and the body that is in memory. False where a field cannot be sent: then nothing was.
    @discardableResult
    func send(
        _ response: HTTPResponse, _ frame: ResponseFrame, withBody: Bool = true
    ) async throws(TransportError) -> Bool {
        let body: [UInt8] = if withBody, case .bytes(let bytes) = response.body { bytes } else { [] }
        guard let rest = try sendNow(response, frame, body) else { return false }
        services.counters.countResponse(response.status.rawValue)
        if let head = rest.head { try await transport.send(head) }
        if rest.bodyStart < body.count {
            try await transport.send(body, from: rest.bodyStart)
        } else {
            try await transport.flush()
        }
        return true
    }

    /// Writes what finds room at once, which nearly always is all. What is left; nil where a field cannot be sent.
    private func sendNow(
        _ response: HTTPResponse, _ frame: ResponseFrame, _ body: [UInt8]
    ) throws(TransportError) -> (head: [UInt8]?, bodyStart: Int)? {
        let isInline = body.count <= Self.inlineBytes
        var writer = ResponseHeadWriter(response, extra: isInline ? body.count : 0, loop: loop)
        defer { writer.release() }
        guard writer.write(response, frame, date: services.date) else { return nil }
        if isInline {
            writer.append(body)
            let sent = try transport.sendNow(writer.bytes)
            return (sent < writer.bytes.count ? Array(writer.bytes[sent...]) : nil, body.count)
        }
        let sent = try sendTogether(writer.bytes, body, [])
        if sent < writer.bytes.count { return (Array(writer.bytes[sent...]), 0) }
        return (nil, sent - writer.bytes.count)
    }

    private func sendTogether(
        _ first: UnsafeRawBufferPointer, _ body: [UInt8], _ last: [UInt8]
    ) throws(TransportError) -> Int {
        var sent = 0
        var failure: TransportError?
        body.withUnsafeBytes { body in
            last.withUnsafeBytes { last in
                do throws(TransportError) {
                    if body.count <= Self.pieceBytes {
                        sent = try transport.sendNow(first, body, last)
                    } else {
                        sent = try transport.sendNow(
                            first, UnsafeRawBufferPointer(rebasing: body[..<Self.pieceBytes]))
                    }
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return sent
    }

    private func sendTogether(_ first: [UInt8], _ body: [UInt8], _ last: [UInt8]) throws(TransportError)
        -> Int
    {
        var sent = 0
        var failure: TransportError?
        first.withUnsafeBytes { first in
            do throws(TransportError) {
                sent = try sendTogether(first, body, last)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return sent
    }

    // MARK: - Streams

    private func produceBody(
        _ produce: @Sendable (any HTTPBodyWriter) async throws -> Void, _ framing: ResponseFraming,
        _ head: HTTPRequestHead
    ) async throws(TransportError) {
        stream.framing = framing
        if case .length(let length) = framing { stream.left = length }
        defer { stream.framing = nil }
        do {
            try await produce(ResponseBodyWriter(self, request: request))
            if case .length = framing, stream.left > 0 {
                throw HTTPBodyError.malformed("the stream ended \(stream.left) bytes early")
            }
        } catch {
            // A reset, where a proper end would look like the end of the body.
            let isGone = transport.socket.watch.isFinished
            transport.socket.reset()
            if !isGone {
                services.configuration.report(.streamFailed(method: head.method, target: head.target, error))
            }
            throw .closed
        }
        if case .chunked = framing { try await transport.send(Array("0\r\n\r\n".utf8)) }
    }

    /// Waits for the turn to write a piece of a stream, which ``OutgoingStream/endWriting()`` gives to the next.
    func beginWriting() async {
        if stream.isWriting { await withUnsafeContinuation { stream.waiters.append($0) } }
        stream.isWriting = true
    }

    /// Writes a piece of the streamed body of the response to the request numbered `number`.
    func writeBody(_ bytes: [UInt8], of number: Int) async throws(HTTPBodyError) {
        await beginWriting()
        defer { stream.endWriting() }
        guard number == request, let framing = stream.framing else {
            throw .malformed("the body was written after the response had ended")
        }
        guard !bytes.isEmpty else { return }
        var size: [UInt8] = []
        var end: [UInt8] = []
        switch framing {
        case .length:
            guard bytes.count <= stream.left else {
                throw .malformed("the stream is longer than its length")
            }
            stream.left -= Int64(bytes.count)
        case .chunked:
            size = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
            end = [0x0D, 0x0A]
        case .none, .untilClose: break
        }
        do throws(TransportError) {
            try await transport.yieldIfSpent()
            let sent = try sendTogether(size, bytes, end)
            if sent < size.count { try await transport.send(size, from: sent) }
            let bodyStart = max(0, sent - size.count)
            if bodyStart < bytes.count { try await transport.send(bytes, from: bodyStart) }
            let endStart = max(0, sent - size.count - bytes.count)
            if endStart < end.count { try await transport.send(end, from: endStart) }
            try await transport.flush()
        } catch {
            throw error.asBodyError
        }
    }
}

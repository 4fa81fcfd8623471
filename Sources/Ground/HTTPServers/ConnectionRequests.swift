import Core
import EventLoops
import HTTPModel
import HTTPParser

/// What is known of the body of the request under way.
struct IncomingBody {
    enum State {
        case open
        case ended
        case failed(HTTPBodyError)
    }

    var state = State.ended
    /// Bytes to come, where the head told.
    var left: Int64?
    var received: Int64 = 0
    /// Whether the client waits for `100 Continue`.
    var isAwaited = false
    var isBeingRead = false

    init() {}

    init(_ head: HTTPRequestHead) {
        switch head.body {
        case .none: return
        case .fixed(let length): left = length
        case .chunked: break
        }
        state = .open
        isAwaited = head.expectsContinue
    }

    var hasEnded: Bool { if case .ended = state { true } else { false } }

    /// Whether the rest can be taken in so that the connection goes on, if nobody has read it when the response is made.
    func canBeDrained(upTo limit: Int64) -> Bool {
        switch state {
        case .ended: true
        case .failed: false
        case .open: !isAwaited && (left ?? 0) <= limit
        }
    }
}

extension Connection {
    /// Has a request handled and answers it. Whether the connection goes on.
    func handle(_ head: HTTPRequestHead) async throws(TransportError) -> Bool {
        request += 1
        LoopCounters.add(1, to: services.counters.requests)
        body = IncomingBody(head)
        if let length = body.left, length > limits.bodyBytes {
            try await refuse(.contentTooLarge, "the body is longer than \(limits.bodyBytes) bytes")
            return false
        }
        isHandling = true
        current = (head.method, head.target, loop.now)
        defer {
            isHandling = false
            current = nil
            if !awaiting.isEmpty {
                for requests in awaiting { requests.end(of: self) }
                awaiting = []
            }
        }
        let response = try await response(to: head)
        var isKept: Bool
        switch try respondAtOnce(response, to: head) {
        case .sent(let goesOn): isKept = goesOn
        case .begun(let rest, let goesOn):
            try await transport.send(rest)
            isKept = goesOn
        case .unsuitable: isKept = try await respond(response, to: head)
        }
        if body.isBeingRead {
            // Someone whom the handler left behind still reads: the connection cannot go on without knowing where it is.
            throw .closed
        }
        if isKept, !body.hasEnded { isKept = try await drainBody() }
        if case .ended = body.state {} else { mustLinger = true }
        return isKept
    }

    private func response(to head: HTTPRequestHead) async throws(TransportError) -> HTTPResponse {
        let isWithout = head.body == .none
        let request = HTTPRequest(
            method: head.method, target: head.target, fields: head.fields,
            body: isWithout ? EmptyBody.shared : RequestBody(self, request: self.request), peer: peer,
            certificate: certificate)
        do {
            return try await services.handler(request)
        } catch let error as HTTPBodyError {
            switch error {
            case .tooLarge(let limit):
                return services.configuration.problem(
                    .contentTooLarge, "the body is longer than \(limit) bytes")
            case .malformed(let reason): return services.configuration.problem(.badRequest, reason)
            case .timedOut: return services.configuration.problem(408, "the body did not come in time")
            case .disconnected: throw .closed
            }
        } catch {
            if error is CancellationError, transport.socket.watch.isFinished { throw .closed }
            services.configuration.report(.handlerFailed(method: head.method, target: head.target, error))
            return services.configuration.problem(.internalServerError, nil)
        }
    }

    /// Answers a request that no handler sees, after which the connection ends.
    func refuse(_ status: HTTPStatus, _ reason: String) async throws(TransportError) {
        LoopCounters.add(1, to: services.counters.refusedRequests)
        mustLinger = true
        let response = services.configuration.problem(status, reason)
        try await send(
            response, ResponseFrame(framing: .length(response.body.knownLength), connection: "close"))
    }

    /// Takes in what the handler left of the body. Whether the connection can go on.
    private func drainBody() async throws(TransportError) -> Bool {
        var left = limits.unreadBodyBytes
        while case .open = body.state {
            guard body.canBeDrained(upTo: left) else { return false }
            do {
                guard let piece = try await readPiece() else { return true }
                left -= Int64(piece.count)
            } catch {
                return false
            }
        }
        if case .ended = body.state { return true }
        return false
    }

    /// The next piece of the body of the request numbered `number`.
    func nextBodyPiece(of number: Int) async throws(HTTPBodyError) -> [UInt8]? {
        guard number == request, isHandling else {
            throw .malformed("the body was read after the request had ended")
        }
        guard !body.isBeingRead else { throw .malformed("two tasks read one body") }
        body.isBeingRead = true
        defer { body.isBeingRead = false }
        return try await readPiece()
    }

    private func readPiece() async throws(HTTPBodyError) -> [UInt8]? {
        switch body.state {
        case .ended: return nil
        case .failed(let error): throw error
        case .open: break
        }
        do throws(HTTPBodyError) {
            let piece = try await readOpenBody()
            guard let piece else {
                body.state = .ended
                return nil
            }
            body.received += Int64(piece.count)
            if let left = body.left { body.left = left - Int64(piece.count) }
            guard body.received <= limits.bodyBytes else { throw .tooLarge(limit: Int(limits.bodyBytes)) }
            return piece
        } catch {
            body.state = .failed(error)
            throw error
        }
    }

    private func readOpenBody() async throws(HTTPBodyError) -> [UInt8]? {
        do throws(TransportError) {
            if body.isAwaited {
                body.isAwaited = false
                try await transport.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            }
            try await transport.yieldIfSpent()
            while true {
                switch try nextBodyEvent() {
                case .body(let range): return copy(range)
                case .end: return nil
                case .needsMore, .head: break
                }
                let count: Int?
                if unread.isEmpty, let left = body.left {
                    releaseBuffer()
                    let (piece, received) = try receivePiece(upTo: left)
                    if let piece { return piece }
                    count = received
                } else {
                    count = try fill()
                }
                if count == 0 { throw TransportError.closed }
                if count == nil {
                    try await transport.readable(until: loop.now + timeouts.body.inNanoseconds)
                }
            }
        } catch {
            throw error.asBodyError
        }
    }

    private func nextBodyEvent() throws(TransportError) -> HTTPParserEvent {
        do throws(HTTPParseError) {
            return try parse()
        } catch {
            throw .malformed(error.reason)
        }
    }

    /// Reads bytes of a body of known length straight into what the handler gets.
    private func receivePiece(upTo left: Int64) throws(TransportError) -> ([UInt8]?, Int?) {
        var received: Int?
        var failure: TransportError?
        let size = Int(min(left, 64 << 10))
        let piece = [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            do throws(TransportError) {
                received = try transport.receive(into: UnsafeMutableRawBufferPointer(memory))
            } catch {
                failure = error
            }
            count = received ?? 0
        }
        if let failure { throw failure }
        guard !piece.isEmpty else { return (nil, received) }
        do throws(HTTPParseError) {
            _ = try parser.next(piece.span.bytes)
        } catch {
            throw .malformed(error.reason)
        }
        return (piece, received)
    }
}

import CGRPC
import Concurrency
import Core
import RPCModel
import Synchronization

/// A call with streams, as its client sees it. One task sends, one receives.
final class ClientExchange: RPCClientExchange {
    private struct State {
        var hasHalfClosed = false
        var mustHalfClose = false
        var hasAgreed = false
    }

    let call: ClientCall
    let lifeSigns: LifeSigns?
    private let kind: RPCKind
    private let head = Latch<RPCMetadata>()
    private let status = Latch<RPCError?>()
    private let sending = Permits(1)
    private let state = Mutex(State())

    init(_ call: ClientCall, lifeSigns: LifeSigns?, kind: RPCKind) {
        self.call = call
        self.lifeSigns = lifeSigns
        self.kind = kind
    }

    /// Begins the call: the status is asked for at once, so that whoever sends learns of its end.
    func open(_ metadata: RPCMetadata, waits: Bool) async throws {
        observe {
            cgrpc_call_status(call.pointer, $0)
        } ended: { exchange, _ in
            exchange.status.set(exchange.call.failure)
        }
        observe {
            cgrpc_call_head(call.pointer, $0)
        } ended: { exchange, succeeded in
            exchange.head.set(succeeded ? exchange.call.headMetadata : RPCMetadata())
        }
        let outgoing = metadata.forCore()
        guard await operation({ cgrpc_call_open(call.pointer, outgoing, waits, $0) }) else {
            throw await failure()
        }
    }

    private func observe(
        _ start: (UnsafeMutableRawPointer) -> Bool, ended: @escaping @Sendable (ClientExchange, Bool) -> Void
    ) {
        let tag = OperationTag(ExchangeObserver(self, ended))
        if !start(tag.pointer) {
            tag.discard()
            ended(self, false)
        }
    }

    /// How the call failed. It is over, or about to be: the wait is short, and not cut short.
    private func failure() async -> RPCError {
        await end() ?? RPCError(.cancelled, "the call is over: its server ended it")
    }

    private func end() async -> RPCError? {
        while true {
            if let known = status.current { return known }
            // A cancelled task cannot wait for a latch; the call is cancelled with it, and its status comes at once.
            do { return try await status.value() } catch { await Task.yield() }
        }
    }

    func initialMetadata() async throws -> RPCMetadata { try await head.value() }

    func send(_ message: [UInt8]) async throws {
        guard let lifeSigns else { return try await sendNow(message) }
        guard message != RPCHeartbeat.message else {
            throw RPCError(.internal, "a message of one zero byte stands for a heartbeat here")
        }
        try await sending.withPermit {
            try await sendNow(message)
            lifeSigns.sent()
        }
    }

    private func sendNow(_ message: [UInt8]) async throws {
        let sent = await operation { tag in message.withBytes { cgrpc_call_send(call.pointer, $0, tag) } }
        guard sent else { throw await failure() }
    }

    func finishSending() async throws {
        // With heartbeats the half stays open for them, once the server has agreed; `live` closes it where it has not.
        let isKept = state.withLock { state in
            guard lifeSigns != nil, !kind.requestsStream else { return false }
            state.mustHalfClose = true
            return true
        }
        if !isKept { await halfClose() }
    }

    private func halfClose() async {
        let begins = state.withLock { state in
            defer { state.hasHalfClosed = true }
            return !state.hasHalfClosed
        }
        guard begins else { return }
        lifeSigns?.endSending()
        // Cancelled: so is the call, which needs no other end.
        do { try await sending.acquire() } catch { return }
        _ = await operation { cgrpc_call_close(call.pointer, $0) }
        sending.release()
    }

    func receive() async throws -> [UInt8]? {
        while true {
            if let lifeSigns {
                _ = await lifeSigns.receiving { cgrpc_call_receive(call.pointer, $0) }
            } else {
                _ = await operation { cgrpc_call_receive(call.pointer, $0) }
            }
            guard let message = call.takeMessage() else {
                if let failure = await end() { throw failure }
                return nil
            }
            if message == RPCHeartbeat.message, state.withLock({ $0.hasAgreed }) { continue }
            return message
        }
    }

    /// Agrees on heartbeats with the server, sends and awaits them, until it is cancelled.
    func live(clock: any MonotonicClock) async {
        guard let lifeSigns else { return }
        let hasAgreed = await agrees(within: .seconds(2), clock)
        guard hasAgreed else {
            if state.withLock({ $0.mustHalfClose }) { await halfClose() }
            return
        }
        await lifeSigns.run {
            guard !self.state.withLock({ $0.hasHalfClosed }), self.sending.tryAcquire() else { return }
            defer { self.sending.release() }
            // A beat that cannot be sent is no news: the call's end comes by itself.
            try? await self.sendNow(RPCHeartbeat.message)
            lifeSigns.sent()
        } lost: {
            self.call.cancel(.unavailable, $0)
        }
    }

    private func agrees(within limit: Duration, _ clock: any MonotonicClock) async -> Bool {
        // No metadata in time is a server that agrees to nothing; a call that failed says so to its reader.
        let answer = try? await withDeadline(limit, clock: clock, of: "the server's metadata") {
            try await self.head.value()
        }
        guard let text = answer?[RPCHeartbeat.metadata], RPCHeartbeat(reading: text) == lifeSigns?.heartbeat
        else {
            return false
        }
        state.withLock { $0.hasAgreed = true }
        lifeSigns?.agree()
        return true
    }

    /// Ends the call, if it has not ended, and waits until the core is done with it.
    func close() async {
        if status.current == nil { call.cancel() }
        _ = await end()
    }
}

private final class ExchangeObserver: OperationObserver, @unchecked Sendable {
    private let exchange: ClientExchange
    private let ended: @Sendable (ClientExchange, Bool) -> Void

    init(_ exchange: ClientExchange, _ ended: @escaping @Sendable (ClientExchange, Bool) -> Void) {
        self.exchange = exchange
        self.ended = ended
    }

    override func operationEnded(_ number: Int, _ succeeded: Bool) { ended(exchange, succeeded) }
}

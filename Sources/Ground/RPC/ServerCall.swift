import CGRPC
import Concurrency
import Core
import RPCModel
import Synchronization

/// A call with streams that a server answers. Its operations start on the poller's thread, where its task runs.
final class ServerCall: ServedCall, RPCExchange, @unchecked Sendable {
    private struct State {
        var isHeadSent = false
        /// Whether the core was asked to tell when the client gives up.
        var isWatched = false
        var isCancelled = false
        var initial = RPCMetadata()
        var trailing = RPCMetadata()
        var last: [UInt8]?
        var task: Task<Void, Never>?
        var lifeSigns: LifeSigns?
        /// Whether there is one request, and after it only heartbeats come.
        var hasOneRequest = false
    }

    private let state = Mutex(State())
    /// Held while something is sent, where heartbeats are sent as well.
    private let sending = Permits(1)

    private let poller: RPCPoller

    init(_ handle: consuming CallHandle, _ poller: RPCPoller) {
        self.poller = poller
        super.init(handle)
    }

    // MARK: Its task

    /// Keeps the task that answers, to cancel it when the call is over before.
    func runs(in task: Task<Void, Never>) {
        let isLate = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isLate { task.cancel() }
    }

    /// Asks the core to tell when the client gives up. A short call is over by now, and learns it with its status: one operation less.
    override func watchUnlessOver() {
        guard !state.withLock({ $0.isWatched }) else { return }
        let tag = OperationTag(self)
        if !cgrpc_call_watch(pointer, tag.pointer) { tag.discard() }
        state.withLock { $0.isWatched = true }
    }

    override func operationEnded(_ number: Int, _ succeeded: Bool) {
        guard cgrpc_call_was_cancelled(pointer) else { return }
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }

    /// Ends the call for a reason that only this end knows.
    func abort(_ code: RPCCode, _ message: String) {
        cgrpc_call_cancel_with(pointer, Int32(code.rawValue), message)
        state.withLock { $0.task }?.cancel()
    }

    // MARK: Messages

    func receive() async throws -> [UInt8]? {
        let lifeSigns = state.withLock { $0.lifeSigns }
        while true {
            let succeeded: Bool
            if let lifeSigns {
                succeeded = await lifeSigns.receiving { cgrpc_call_receive(pointer, $0) }
            } else {
                succeeded = await operation { cgrpc_call_receive(pointer, $0) }
            }
            guard succeeded else { throw CancellationError() }
            guard let message = handle.takeMessage() else {
                if state.withLock({ $0.isCancelled }) { throw CancellationError() }
                return nil
            }
            if lifeSigns != nil {
                if message == RPCHeartbeat.message { continue }
                listenOn()
            }
            return message
        }
    }

    func send(_ message: [UInt8]) async throws {
        try Task.checkCancellation()
        guard let lifeSigns = state.withLock({ $0.lifeSigns }) else { return try await sendNow(message) }
        guard message != RPCHeartbeat.message else {
            throw RPCError(.internal, "a message of one zero byte stands for a heartbeat here")
        }
        try await sending.withPermit {
            try await sendNow(message)
            lifeSigns.sent()
        }
    }

    private func sendNow(_ message: [UInt8]) async throws {
        let head = takeHead()
        let sent = await operation { tag in
            message.withBytes { cgrpc_call_reply(pointer, head.isFirst, head.metadata, $0, tag) }
        }
        // The core says only that it could not: the client is gone.
        guard sent else { throw CancellationError() }
    }

    func sendLast(_ message: [UInt8]) { state.withLock { $0.last = message } }

    private func takeHead() -> (isFirst: Bool, metadata: OpaquePointer?) {
        let initial: RPCMetadata? = state.withLock { state in
            guard !state.isHeadSent else { return nil }
            state.isHeadSent = true
            return state.initial
        }
        return (initial != nil, initial?.forCore())
    }

    func setInitialMetadata(_ metadata: RPCMetadata) throws {
        let isLate = state.withLock { state in
            if !state.isHeadSent { state.initial = metadata }
            return state.isHeadSent
        }
        if isLate {
            throw ApolloError(.internal, "initial metadata comes before the first message and its heartbeats")
        }
    }

    func setTrailingMetadata(_ metadata: RPCMetadata) { state.withLock { $0.trailing = metadata } }

    /// Sends what is left, and the status; returns when it is on its way, or the client is gone.
    func finish(_ status: RPCStatus) async {
        let (last, trailing, watches) = state.withLock { state in
            defer { state.isWatched = true }
            return (status.code == .ok ? state.last : nil, state.trailing, !state.isWatched)
        }
        let head = takeHead()
        _ = await operation { tag in
            (last ?? []).withBytes { message in
                status.message.withBytes { text in
                    var end = cgrpc_end(
                        first: head.isFirst, has_message: last != nil, watches: watches,
                        code: Int32(status.code.rawValue), initial: head.metadata,
                        trailing: trailing.forCore(details: status.details), message: message, text: text)
                    return cgrpc_call_finish(pointer, &end, tag)
                }
            }
        }
    }

    // MARK: Heartbeats

    /// Agrees on heartbeats, and runs `body` while they are sent and listened for.
    func withHeartbeat(
        _ heartbeat: RPCHeartbeat, kind: RPCKind, clock: any MonotonicClock,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let lifeSigns = LifeSigns(heartbeat, clock: clock)
        lifeSigns.agree()
        state.withLock { state in
            state.lifeSigns = lifeSigns
            state.hasOneRequest = !kind.requestsStream
            // Its own name and digits are sound.
            try? state.initial.add(RPCHeartbeat.metadata, "\(heartbeat.milliseconds)")
        }
        let head = takeHead()
        guard await operation({ cgrpc_call_send_head(pointer, head.metadata, $0) }) else {
            throw CancellationError()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await lifeSigns.run {
                    guard self.sending.tryAcquire() else { return }
                    defer { self.sending.release() }
                    // A beat that cannot be sent is no news: the call's end comes by itself.
                    try? await self.sendNow(RPCHeartbeat.message)
                    lifeSigns.sent()
                } lost: {
                    self.abort(.unavailable, $0)
                }
            }
            try await body()
            group.cancelAll()
        }
    }

    /// Goes on listening after the one request of a call, for the client's heartbeats, until the call is over.
    private func listenOn() {
        let begins = state.withLock { state in
            defer { state.hasOneRequest = false }
            return state.hasOneRequest
        }
        guard begins else { return }
        Task(executorPreference: poller) {
            do { while try await self.receive() != nil {} } catch {}  // The call's end is what is waited for.
        }
    }
}

import ClusterModel
import Core
import Glibc
import Synchronization
import TaskRuntimes

/// A connection to the launcher: requests go out from whichever task asks, one thread reads the answers and wakes who
/// waits for them.
final class LauncherConnection: Sendable {
    /// Why a request was not answered.
    enum Failure: Error, Hashable {
        /// The launcher went away. What was asked may have been done; every request can be repeated.
        case lost
        case cancelled
        case timedOut
        /// Too much is asked at once.
        case overloaded
    }

    typealias Answer = Result<LauncherReply, Failure>

    private struct Pending {
        var continuation: CheckedContinuation<Answer, Never>
        var deadline: MonotonicInstant?
        /// The parts of a list so far.
        var parts: [ListedAttempt] = []
    }

    private struct State {
        var lastRequest: UInt32 = 0
        var pending: [UInt32: Pending] = [:]
        var outgoing: [UInt8] = []
        var isLost = false
    }

    private let state = Mutex(State())
    private let socket: Descriptor
    /// Wakes the thread: for writing what did not fit, for a deadline, for the end.
    private let wake: Descriptor
    private let wakeEnd: Descriptor
    private let clock: any MonotonicClock

    private static let mostPending = 65536
    private static let mostOutgoing = 32 << 20

    /// Takes over a connected socket on which both have greeted, and starts the thread.
    init(socket: Descriptor, clock: any MonotonicClock) throws(SystemError) {
        self.socket = socket
        self.clock = clock
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .last("pipe", "to the launcher's thread") }
        wakeEnd = Descriptor(owning: ends[0])
        wake = Descriptor(owning: ends[1])
        for end in ends + [socket.number] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        try startThread(name: "launcher-link") { self.run() }
    }

    var isLost: Bool { state.withLock { $0.isLost } }

    /// Ends the connection; who waits hears that it is lost.
    func close() {
        lose()
        shutdown(socket.number, Int32(SHUT_RDWR))
        wakeThread()
    }

    /// Asks, and waits for the answer until `limit` has passed or the task is cancelled. Cancelling does not undo.
    func ask(
        _ request: LauncherRequest, within limit: Duration?, isCancellable: Bool = true
    ) async throws(Failure) -> LauncherReply {
        let number = state.withLock { state in
            state.lastRequest &+= 1
            return state.lastRequest
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                send(
                    request, number,
                    Pending(continuation: continuation, deadline: limit.map(clock.now.advanced)))
                // The handler may have run before there was anything to cancel.
                if isCancellable, Task.isCancelled { cancel(number) }
            }
        } onCancel: {
            if isCancellable { cancel(number) }
        }
        return try answer.get()
    }

    private func send(_ request: LauncherRequest, _ number: UInt32, _ pending: Pending) {
        let frame = request.frame(number)
        let failure: Failure? = state.withLock { state in
            if state.isLost { return .lost }
            guard state.pending.count < Self.mostPending, state.outgoing.count < Self.mostOutgoing else {
                return .overloaded
            }
            state.pending[number] = pending
            enqueue(frame, &state)
            return nil
        }
        if let failure { return pending.continuation.resume(returning: .failure(failure)) }
    }

    /// Sends at once what the socket takes, and leaves the rest to the thread.
    private func enqueue(_ frame: [UInt8], _ state: inout State) {
        let isFirst = state.outgoing.isEmpty
        state.outgoing += frame
        if isFirst {
            sendOutgoing(&state)
            if !state.outgoing.isEmpty { wakeThread() }
        }
    }

    private func sendOutgoing(_ state: inout State) {
        var sent = 0
        while sent < state.outgoing.count {
            let count = state.outgoing.withUnsafeBytes { bytes in
                retryingInterrupts {
                    Glibc.send(
                        socket.number, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
            }
            // What is wrong besides a full socket, the thread finds by reading.
            guard count > 0 else { break }
            sent += count
        }
        state.outgoing.removeFirst(sent)
    }

    private func cancel(_ number: UInt32) {
        let pending = state.withLock { state in
            let pending = state.pending.removeValue(forKey: number)
            if pending != nil, !state.isLost {
                enqueue(LauncherRequest.cancel(request: number).frame(0), &state)
            }
            return pending
        }
        pending?.continuation.resume(returning: .failure(.cancelled))
    }

    // The thread.

    /// Deadlines are a net under a launcher that hangs, not timers: the thread looks once a second.
    private static let lookEvery = Duration.seconds(1)

    private func wakeThread() {
        var byte: UInt8 = 0
        _ = write(wake.number, &byte, 1)
    }

    private func run() {
        var incoming = FrameBuffer()
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var nextLook = clock.now.advanced(by: Self.lookEvery)
        while !isLost {
            let hasOutgoing = state.withLock { !$0.outgoing.isEmpty }
            var files = [
                pollfd(fd: socket.number, events: Int16(hasOutgoing ? POLLIN | POLLOUT : POLLIN), revents: 0),
                pollfd(fd: wakeEnd.number, events: Int16(POLLIN), revents: 0),
            ]
            poll(&files, 2, Int32(Self.lookEvery.inMicroseconds / 1000))
            if files[1].revents != 0 { _ = read(wakeEnd.number, &buffer, buffer.count) }
            if files[0].revents & Int16(POLLOUT) != 0 { state.withLock { sendOutgoing(&$0) } }
            if files[0].revents & ~Int16(POLLOUT) != 0, !receive(&incoming, &buffer) { break }
            if clock.now >= nextLook {
                expire()
                nextLook = clock.now.advanced(by: Self.lookEvery)
            }
        }
        lose()
    }

    /// Reads what there is; false when the connection is of no more use.
    private func receive(_ incoming: inout FrameBuffer, _ buffer: inout [UInt8]) -> Bool {
        let count = retryingInterrupts { recv(socket.number, &buffer, buffer.count, 0) }
        if count < 0, errno == EAGAIN { return true }
        guard count > 0 else { return false }
        buffer.withUnsafeBytes { incoming.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        do throws(WireError) {
            while let frame = try incoming.next() { deliver(try LauncherReply(frame), frame.request) }
            return true
        } catch {
            return false
        }
    }

    private func deliver(_ reply: LauncherReply, _ number: UInt32) {
        let ready: (CheckedContinuation<Answer, Never>, LauncherReply)? = state.withLock { state in
            if case .attempts(let part, let more) = reply {
                state.pending[number]?.parts += part
                guard !more, let pending = state.pending.removeValue(forKey: number) else { return nil }
                return (pending.continuation, .attempts(pending.parts, more: false))
            }
            return state.pending.removeValue(forKey: number).map { ($0.continuation, reply) }
        }
        ready?.0.resume(returning: .success(ready!.1))
    }

    private func expire() {
        let now = clock.now
        let late = state.withLock { state in
            let late = state.pending.filter { $0.value.deadline.map { $0 <= now } ?? false }
            for number in late.keys { state.pending[number] = nil }
            return late
        }
        for pending in late.values { pending.continuation.resume(returning: .failure(.timedOut)) }
    }

    private func lose() {
        let pending = state.withLock { state in
            state.isLost = true
            state.outgoing = []
            defer { state.pending = [:] }
            return state.pending
        }
        for waiting in pending.values { waiting.continuation.resume(returning: .failure(.lost)) }
    }
}

/// Starts a thread of its own for `body`, which blocks.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let retained = Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { argument in
            Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
            return nil
        }, retained.toOpaque())
    guard code == 0 else {
        retained.release()
        throw SystemError(call: "pthread_create", subject: name, code: code)
    }
    pthread_detach(thread)
}

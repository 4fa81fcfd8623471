import APIMessages
import Concurrency
import Core
import Synchronization
import TaskDecisions
import TaskRuntimes
import WebSockets
import Workers

/// A program beside a task, and the WebSocket of who asked for it.
struct ExecSocket: Sendable {
    let connection: any NodeConnection
    let place: AttemptPlace
    let request: ExecRequest
    let limits: ExecLimits
    let clock: any MonotonicClock
    /// Whether who asked may still.
    let isAllowed: @Sendable () -> Bool

    static var configuration: WebSocket.Configuration {
        var configuration = WebSocket.Configuration()
        configuration.limits.messageBytes = ExecControl.longestInput
        return configuration
    }

    /// How often it is asked whether the session may go on.
    private static let lookEvery = Duration.seconds(5)

    /// Why a session ended.
    private enum End: Sendable {
        /// All was said.
        case told
        case left
        case idle
        case disallowed
    }

    func run(_ socket: WebSocket) async throws {
        guard limits.sessions.tryAcquire() else {
            return try await fail(
                ApolloError(
                    .exhausted, "\(limits.sessions.count) programs run beside tasks already",
                    hint: "end some, or raise tasks.exec.sessions"), socket)
        }
        defer { limits.sessions.release() }
        do {
            try await connection.exec(place, request) { session in
                try await send(.started, to: socket)
                switch try await relay(session, socket) {
                case .told, .left: break
                case .idle:
                    throw ApolloError(
                        .deadline, "nothing was said for \(limits.idle.short), and the program was ended",
                        hint: "the setting tasks.exec.idle says how long it may be")
                case .disallowed:
                    throw ApolloError(
                        .unauthenticated, "the token is not good any more", hint: "log in again")
                }
            }
        } catch let error as RuntimeError where error != .cancelled {
            try await fail(error.asApolloError, socket)
        } catch let error as ApolloError {
            try await fail(error, socket)
        }
    }

    private func relay(_ session: any ExecSession, _ socket: WebSocket) async throws -> End {
        let last = LastWord(clock)
        return try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                while let event = try await session.next() {
                    last.note()
                    try await send(ExecNotice(event), to: socket)
                }
                return .told
            }
            group.addTask {
                while let message = try await socket.receive() {
                    last.note()
                    switch message {
                    case .binary(let bytes): try await session.give(.bytes(bytes))
                    case .text(let text): try await session.give(ExecInput(try ExecControl(parsing: text)))
                    }
                }
                return .left
            }
            group.addTask {
                while true {
                    try await clock.sleep(for: min(Self.lookEvery, limits.idle))
                    if !isAllowed() { return .disallowed }
                    if last.age >= limits.idle { return .idle }
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .left
        }
    }

    private func fail(_ error: ApolloError, _ socket: WebSocket) async throws {
        try await send(.failure(error), to: socket)
    }

    private func send(_ notice: ExecNotice, to socket: WebSocket) async throws {
        let (text, bytes) = notice.message
        try await socket.send(text.map { .text($0) } ?? .binary(bytes))
    }
}

/// When something was said last.
private final class LastWord: Sendable {
    private let clock: any MonotonicClock
    private let time: Mutex<MonotonicInstant>

    init(_ clock: any MonotonicClock) {
        self.clock = clock
        time = Mutex(clock.now)
    }

    func note() { time.withLock { $0 = clock.now } }

    var age: Duration { time.withLock { $0.duration(to: clock.now) } }
}

extension ExecNotice {
    init(_ event: ExecEvent) {
        switch event {
        case .output(let stream, let bytes): self = .output(stream == .stdout ? .stdout : .stderr, bytes)
        case .ended(let code, let reason): self = .exit(code: code, reason: reason)
        }
    }
}

extension ExecInput {
    init(_ control: ExecControl) {
        switch control {
        case .end: self = .end
        case .resize(let columns, let rows): self = .resize(TerminalSize(columns: columns, rows: rows))
        }
    }
}

import APIClients
import APIMessages
import Arguments
import Concurrency
import Core
import EventLoops
import Glibc
import HTTPModel
import PlatformClients
import Synchronization
import TLS
import Terminal
import WebSocketClients
import WebSockets

/// This end of a program beside a task: the terminal or pipes here, the WebSocket there.
struct TaskExecutor {
    let session: Session
    let task: String
    let query: ExecQuery

    private static let piece = 32 << 10

    func run(_ client: PlatformClient) async throws -> ExitStatus {
        let loops = try EventLoopGroup(count: 1, name: "exec")
        do {
            let status = try await run(client, on: loops.next())
            await loops.stop()
            return status
        } catch {
            await loops.stop()
            throw error
        }
    }

    /// Connects to the manager that leads. One that stands by sends elsewhere, and one that is gone says nothing: then the one that
    /// leads is looked for as by any other command. Nothing is tried twice once the program may have begun.
    static func connect(
        _ client: PlatformClient, _ task: String, _ query: ExecQuery, _ session: Session, on loop: EventLoop,
        _ body: @escaping @Sendable (WebSocket) async throws -> Void
    ) async throws {
        let asked = try client.exec(task, query)
        let isOpen = Latch<Void>()
        do {
            _ = try await WebSocketClient(on: loop, clock: LiveClock()).connect(request(asked, session)) {
                isOpen.open()
                try await body($0)
            }
        } catch {
            let kind = (error as? ApolloError)?.kind ?? .unavailable
            guard kind == .unavailable, !isOpen.isOpen, !Task.isCancelled else { throw error }
            _ = try await client.task(task)
            let found = try client.exec(task, query)
            guard (found.host, found.port) != (asked.host, asked.port) else { throw error }
            _ = try await WebSocketClient(on: loop, clock: LiveClock()).connect(
                request(found, session), body)
        }
    }

    private static func request(
        _ asked: APIClient.SocketRequest, _ session: Session
    ) throws -> WebSocketClient.Request {
        var request = WebSocketClient.Request(
            .tcp(host: asked.host, port: asked.port), target: asked.target, fields: asked.fields)
        request.refusal = { status, body in APIClient.problem(HTTPStatus(rawValue: status), body) }
        if asked.isSecure {
            request.host = asked.host
            request.tls = try .client(authorities: session.authorities.map { .file($0) })
        }
        return request
    }

    private func run(_ client: PlatformClient, on loop: EventLoop) async throws -> ExitStatus {
        let signals = try await Signals.catching(
            query.terminal == nil ? [] : [.windowChanged, .terminate, .hangUp], on: loop)
        let end = Mutex<(code: Int32, reason: String)?>(nil)
        do {
            try await Self.connect(client, task, query, session, on: loop) { socket in
                try await relay(socket, signals, loop) { outcome in
                    end.withLock { $0 = outcome }
                }
            }
        } catch {
            await signals.close()
            throw error
        }
        await signals.close()
        guard let (code, reason) = end.withLock({ $0 }) else {
            throw ApolloError(
                .unavailable, "the connection broke off, and with it the program",
                hint: "'apollo task status \(task)' says whether the task runs")
        }
        if code > 128, reason.hasPrefix("killed") || reason.hasPrefix("the ") {
            try session.errors.write("apollo: \(reason)\n")
        }
        return ExitStatus(code)
    }

    private func relay(
        _ socket: WebSocket, _ signals: Signals, _ loop: EventLoop,
        ended: @escaping @Sendable ((code: Int32, reason: String)) -> Void
    ) async throws {
        // Keys go to the program only once it runs; until then Ctrl-C ends this command.
        let keys = Keys()
        defer { keys.giveBack() }
        let isRunning = Latch<Void>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while let message = try await socket.receive() {
                    guard let notice = try Self.notice(message) else { continue }
                    switch notice {
                    case .started:
                        if query.terminal != nil { keys.take() }
                        isRunning.open()
                    case .output(.stdout, let bytes): try session.output.write(bytes: bytes)
                    case .output(.stderr, let bytes): try session.errors.write(bytes: bytes)
                    case .exit(let code, let reason): return ended((code, reason))
                    case .failure(let error): throw error
                    }
                }
            }
            if query.takesInput {
                group.addTask {
                    try await isRunning.wait()
                    try await giveInput(to: socket, loop)
                    // What is left is the program's to say.
                    try await Self.waitForEver()
                }
            }
            if query.terminal != nil {
                group.addTask {
                    while true {
                        guard try await signals.next() == .windowChanged else {
                            throw ApolloError(.cancelled, "ended by a signal")
                        }
                        guard let size = session.output.size() else { continue }
                        let resize = ExecControl.resize(
                            columns: UInt16(clamping: size.columns), rows: UInt16(clamping: size.rows))
                        try await socket.send(.text(resize.text))
                    }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    static func notice(_ message: WebSocketMessage) throws -> ExecNotice? {
        switch message {
        case .text(let text): try ExecNotice(parsing: text)
        case .binary(let bytes): ExecNotice(parsing: bytes)
        }
    }

    private static func waitForEver() async throws { try await Latch<Void>().wait() }

    private func giveInput(to socket: WebSocket, _ loop: EventLoop) async throws {
        // Files are always ready, and cannot be watched.
        let source = try? await EventSource.watching(STDIN_FILENO, on: loop, closing: false)
        while true {
            try await source?.readable()
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.piece) { buffer, initialized in
                count = read(STDIN_FILENO, buffer.baseAddress, Self.piece)
                initialized = max(0, count)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { break }
            try await socket.send(.binary(bytes))
        }
        try await socket.send(.text(ExecControl.end.text))
    }
}

/// The terminal's keys, while they are the program's.
private final class Keys: Sendable {
    private let raw = Mutex<RawTerminal?>(nil)

    func take() { raw.withLock { $0 = RawTerminal(STDIN_FILENO) } }

    func giveBack() { raw.withLock { $0?.restore() } }
}

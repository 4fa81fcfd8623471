public import Core
public import HTTPModel

/// Runs a connection around what the application does with it.
public struct WebSocketSession: Sendable {
    public typealias Body = @Sendable (WebSocket) async throws -> Void

    private enum Part: Sendable {
        case read(WebSocketEnding)
        case used((any Error)?)
        case timeIsUp
    }

    private let socket: WebSocket
    private let clock: any MonotonicClock
    private let patience: Duration

    /// - Parameter mask: gives the mask of each frame sent: a client's, which nobody may guess; nil for a server.
    public init(
        over stream: any HTTPUpgradedConnection, role: WebSocketRole,
        _ configuration: WebSocket.Configuration,
        clock: any MonotonicClock, mask: @escaping @Sendable () -> WebSocketMask? = { nil }
    ) {
        socket = WebSocket(over: stream, role: role, configuration, clock: clock, mask: mask)
        self.clock = clock
        patience = configuration.timing.closing
    }

    /// Runs `body`, then closes, and returns how the connection ended. What `body` throws closes it too, and is thrown on.
    ///
    /// When the peer closes, `body` learns it by receiving nil or a send that throws, and has as long as a close may take; when the
    /// connection breaks it is cancelled.
    public func run(_ body: @escaping Body) async throws -> WebSocketEnding {
        let socket = socket
        return try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { .read(await socket.read()) }
            group.addTask {
                do {
                    try await body(socket)
                    return .used(nil)
                } catch { return .used(error) }
            }
            var ending: WebSocketEnding?
            var failure: (any Error)?
            var isUsed = false
            while ending == nil || !isUsed, let part = try await group.next() {
                switch part {
                case .read(let how):
                    ending = how
                    if !how.isProper { group.cancelAll() }
                case .used(let error):
                    isUsed = true
                    if ending == nil {
                        failure = error
                        await close(after: error)
                    } else if let error, !(error is CancellationError), !(error is WebSocketEnding) {
                        failure = error
                    }
                    socket.stopReceiving()
                case .timeIsUp:
                    socket.abort()
                    group.cancelAll()
                    continue
                }
                if ending == nil || !isUsed { group.addTask { await waitInVain() } }
            }
            group.cancelAll()
            if let failure, !(failure is WebSocketEnding) { throw failure }
            return ending ?? .disconnected
        }
    }

    private func waitInVain() async -> Part {
        do { try await clock.sleep(for: patience) } catch {
            // Cancelled: the other part has ended, or the whole is given up. Either way there is nothing to wait for.
        }
        return .timeIsUp
    }

    private func close(after error: (any Error)?) async {
        do {
            switch error {
            case nil: try await socket.close()
            case is CancellationError: try await socket.leave(.goingAway, "")
            case let error as ApolloError: try await socket.close(.internalError, error.message)
            default: try await socket.close(.internalError, "something failed that should not have")
            }
        } catch {
            socket.abort()  // Nobody is there to be told.
        }
    }
}

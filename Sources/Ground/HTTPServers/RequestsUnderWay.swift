import EventLoops
import Synchronization

/// The connections whose requests under way somebody waits for.
final class RequestsUnderWay: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection]
        var whenEnded: [Latch] = []
    }

    private let state: Mutex<State>

    init(_ connections: [Connection]) {
        state = Mutex(
            State(
                connections: Dictionary(
                    uniqueKeysWithValues: connections.map { (ObjectIdentifier($0), $0) })))
    }

    /// Those whose request has not ended.
    var connections: [Connection] { state.withLock { Array($0.connections.values) } }

    func end(of connection: Connection) {
        let latches = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            guard state.connections.isEmpty else { return [Latch]() }
            defer { state.whenEnded = [] }
            return state.whenEnded
        }
        for latch in latches { latch.open() }
    }

    /// Opens `latch` once all have ended.
    func whenEnded(_ latch: Latch) {
        let isOver = state.withLock { state in
            if !state.connections.isEmpty { state.whenEnded.append(latch) }
            return state.connections.isEmpty
        }
        if isOver { latch.open() }
    }
}

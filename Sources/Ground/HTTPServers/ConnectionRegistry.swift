import EventLoops
import Synchronization

/// The open connections of a server.
final class ConnectionRegistry: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var isDraining = false
        var whenThereIsRoom: [Latch] = []
        var whenEmpty: [Latch] = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let draining = Atomic<Bool>(false)

    init(limit: Int) { self.limit = limit }

    /// Whether the server is about to stop: connections end with the request they are at.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    var count: Int { state.withLock { $0.connections.count } }

    /// Takes a connection in. False where the server no longer takes any.
    func add(_ connection: Connection) -> Bool {
        state.withLock { state in
            guard !state.isDraining else { return false }
            state.connections[ObjectIdentifier(connection)] = connection
            return true
        }
    }

    func remove(_ connection: Connection) {
        let latches = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            var latches = state.whenThereIsRoom
            state.whenThereIsRoom = []
            if state.connections.isEmpty {
                latches += state.whenEmpty
                state.whenEmpty = []
            }
            return latches
        }
        for latch in latches { latch.open() }
    }

    /// Returns when fewer connections are open than may be, or none is taken any more.
    func waitForRoom() async {
        while true {
            let latch = state.withLock { state -> Latch? in
                guard !state.isDraining, state.connections.count >= limit else { return nil }
                let latch = Latch()
                state.whenThereIsRoom.append(latch)
                return latch
            }
            guard let latch else { return }
            await latch.wait()
        }
    }

    /// Takes in none from now on, and returns those that are open.
    func drain() -> [Connection] {
        draining.store(true, ordering: .relaxed)
        let (connections, latches) = state.withLock { state in
            state.isDraining = true
            defer { state.whenThereIsRoom = [] }
            return (Array(state.connections.values), state.whenThereIsRoom)
        }
        for latch in latches { latch.open() }
        return connections
    }

    /// Those that are open.
    var all: [Connection] { state.withLock { Array($0.connections.values) } }

    /// Opens `latch` once no connection is open.
    func whenEmpty(_ latch: Latch) {
        let isEmpty = state.withLock { state in
            if !state.connections.isEmpty { state.whenEmpty.append(latch) }
            return state.connections.isEmpty
        }
        if isEmpty { latch.open() }
    }
}

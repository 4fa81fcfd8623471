import Concurrency
import Core
import EventLoops
import Synchronization

/// Many connections that each send a body in pieces and read it back, and compare every byte.
struct EchoLoad: Sendable {
    let address: SocketAddress
    let connections: Int
    /// Of each body.
    let bytes: Int
    let loops: EventLoopGroup
    let clock: any MonotonicClock

    private static let piece = 16 << 10
    private static let limit = Duration.seconds(60)

    /// The longest time, in seconds, in which one of the connections moved no byte either way.
    func longestStall() async throws -> Double {
        let sockets = try await connect()
        do {
            let longest = try await withDeadline(Self.limit, clock: clock, of: "echoing") {
                try await withThrowingTaskGroup(of: Duration.self) { group in
                    for (index, socket) in sockets.enumerated() {
                        group.addTask { try await echo(on: socket, seed: index) }
                    }
                    return try await group.reduce(.zero) { max($0, $1) }
                }
            }
            for socket in sockets { await socket.close() }
            return Double(longest.inMicroseconds) / 1e6
        } catch {
            for socket in sockets { await socket.reset() }
            throw error
        }
    }

    private func connect() async throws -> [StreamSocket] {
        var sockets: [StreamSocket] = []
        for _ in 0..<connections {
            sockets.append(try await StreamSocket.connecting(to: address, on: loops.next()))
        }
        return sockets
    }

    private func echo(on socket: StreamSocket, seed: Int) async throws -> Duration {
        let pattern = Pattern(seed: seed, size: Self.piece)
        let movement = Movement(clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await send(pattern, on: socket, movement) }
            group.addTask { try await receive(pattern, on: socket, movement) }
            try await group.waitForAll()
        }
        return movement.longest
    }

    private func send(_ pattern: Pattern, on socket: StreamSocket, _ movement: Movement) async throws {
        let head = "POST /echo HTTP/1.1\r\nHost: \(address)\r\nContent-Length: \(bytes)\r\n\r\n"
        try await socket.write(Array(head.utf8), within: Self.limit)
        for _ in 0..<bytes / Self.piece {
            try await socket.write(pattern.bytes, within: Self.limit)
            movement.moved()
        }
    }

    private func receive(_ pattern: Pattern, on socket: StreamSocket, _ movement: Movement) async throws {
        var head: [UInt8] = []
        var received = 0
        while received < bytes {
            guard let piece = try await socket.read(within: Self.limit) else {
                throw ApolloError(.unavailable, "an echo ended after \(received) of \(bytes) bytes")
            }
            movement.moved()
            var body = piece[...]
            if received == 0 {
                head += piece
                guard let end = head.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { continue }
                guard head.starts(with: Array("HTTP/1.1 200 ".utf8)) else {
                    throw ApolloError(
                        .unavailable, "an echo was refused: \(String(decoding: head, as: UTF8.self))")
                }
                body = head[end...]
            }
            guard pattern.matches(body, at: received) else {
                throw ApolloError(.corrupt, "an echo differs from what was sent, after \(received) bytes")
            }
            received += body.count
        }
    }
}

/// When a connection last moved a byte, and its longest rest so far.
private final class Movement: Sendable {
    private let clock: any MonotonicClock
    private let state: Mutex<(last: MonotonicInstant, longest: Duration)>

    init(_ clock: any MonotonicClock) {
        self.clock = clock
        state = Mutex((last: clock.now, longest: .zero))
    }

    func moved() {
        let now = clock.now
        state.withLock { state in
            state.longest = max(state.longest, state.last.duration(to: now))
            state.last = now
        }
    }

    var longest: Duration { state.withLock { $0.longest } }
}

/// Bytes that repeat, unlike those of the other connections.
private struct Pattern: Sendable {
    let bytes: [UInt8]

    init(seed: Int, size: Int) {
        // Knuth's generator (The Art of Computer Programming, volume 2, section 3.3.4): any that repeats late will do.
        var state = UInt64(seed + 1)
        bytes = (0..<size).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    func matches(_ body: ArraySlice<UInt8>, at offset: Int) -> Bool {
        var (position, rest) = (offset % bytes.count, body)
        while !rest.isEmpty {
            let count = min(rest.count, bytes.count - position)
            guard rest.prefix(count).elementsEqual(bytes[position..<position + count]) else { return false }
            rest = rest.dropFirst(count)
            position = 0
        }
        return true
    }
}

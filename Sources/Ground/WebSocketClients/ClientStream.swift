import Core
import EventLoops
import HTTPModel
import TLS

/// The bytes of a client's connection, plain or through TLS.
actor ClientStream: HTTPUpgradedConnection {
    private let socket: StreamSocket
    private let clock: any MonotonicClock
    private var cipher: ClientCipher?
    /// What came behind the head.
    private var rest: [UInt8] = []

    /// Without a byte taken by the server, writing has failed.
    private static let patience = Duration.seconds(30)

    init(_ socket: StreamSocket, clock: any MonotonicClock) {
        self.socket = socket
        self.clock = clock
    }

    func secure(_ session: consuming TLSSession, before deadline: MonotonicInstant) async throws {
        let cipher = ClientCipher(session)
        while true {
            let (isDone, output) = try cipher.shakeHands()
            try await socket.write(output, within: Self.patience)
            if isDone { break }
            guard let bytes = try await receive(before: deadline) else {
                throw ApolloError(.unavailable, "the server ended the connection within the TLS handshake")
            }
            cipher.feed(bytes)
        }
        self.cipher = cipher
    }

    /// All up to the empty line that ends a response's head.
    func readHead(before deadline: MonotonicInstant) async throws -> [UInt8] {
        var head: [UInt8] = []
        while head.count < 32 << 10 {
            guard let bytes = try await read(before: deadline) else { break }
            let start = max(0, head.count - 3)
            head += bytes
            for index in start..<max(start, head.count - 3)
            where head[index...].starts(with: [13, 10, 13, 10]) {
                rest = Array(head[(index + 4)...])
                return Array(head[..<index])
            }
        }
        throw ApolloError(
            .unavailable, "the server's answer has no end", hint: "check that it is an Apollo's address")
    }

    /// As much of a body of `length` bytes as comes, at most 64 KiB.
    func readBody(of length: Int, before deadline: MonotonicInstant) async throws -> [UInt8] {
        var body: [UInt8] = []
        while body.count < min(length, 64 << 10), let bytes = try await read(before: deadline) {
            body += bytes
        }
        return body
    }

    func read(before deadline: MonotonicInstant) async throws -> [UInt8]? {
        if !rest.isEmpty {
            defer { rest = [] }
            return rest
        }
        guard let cipher else { return try await receive(before: deadline) }
        while true {
            let step = try cipher.open()
            if !step.output.isEmpty { try await socket.write(step.output, within: Self.patience) }
            if !step.plaintext.isEmpty { return step.plaintext }
            if step.isEnd { return nil }
            guard let bytes = try await receive(before: deadline) else { return nil }
            cipher.feed(bytes)
        }
    }

    private func receive(before deadline: MonotonicInstant) async throws -> [UInt8]? {
        do throws(SocketError) {
            return try await socket.read(within: max(.zero, clock.now.duration(to: deadline)))
        } catch {
            throw error == .timedOut ? HTTPBodyError.timedOut : .disconnected
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        let bytes = try cipher?.seal(bytes) ?? bytes
        do throws(SocketError) {
            try await socket.write(bytes, within: Self.patience)
        } catch {
            throw error == .timedOut ? HTTPBodyError.timedOut : .disconnected
        }
    }

    nonisolated func abort() { socket.abort() }
}

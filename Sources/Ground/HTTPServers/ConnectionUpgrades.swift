import Core
import EventLoops
import HTTPModel
import HTTPParser

extension Connection {
    /// Switches the protocol and hands the connection over. It ends with what it was handed to.
    func respond(
        withUpgrade use: @Sendable (any HTTPUpgradedConnection) async throws -> Void,
        _ response: HTTPResponse,
        to head: HTTPRequestHead
    ) async throws(TransportError) -> Bool {
        guard head.minorVersion == 1, body.hasEnded else {
            try await refuse(
                .badRequest, "the protocol can be switched by a request of HTTP/1.1 without a body")
            return false
        }
        guard try await send(response, ResponseFrame(framing: .none, connection: "Upgrade")) else {
            return try await respondInvalid("a field cannot be sent", to: head)
        }
        isUpgraded = true
        defer { isUpgraded = false }
        do {
            try await use(UpgradedConnection(self, request: request))
        } catch {
            if !transport.socket.watch.isFinished, !(error is CancellationError) {
                services.configuration.report(.streamFailed(method: head.method, target: head.target, error))
            }
        }
        // So that the last words are not overtaken by the reset that unread bytes would cause.
        mustLinger = true
        return false
    }

    /// The next bytes of the switched protocol; nil at the end.
    func readUpgraded(of number: Int, before deadline: Int64) async throws(HTTPBodyError) -> [UInt8]? {
        guard number == request, isUpgraded else { throw .disconnected }
        // What came with the request.
        if !unread.isEmpty {
            let bytes = copy(unread)
            releaseBuffer()
            return bytes
        }
        releaseBuffer()
        do throws(TransportError) {
            while true {
                try await transport.yieldIfSpent()
                if let piece = try receiveUpgraded() { return piece.isEmpty ? nil : piece }
                try await transport.readable(until: deadline)
            }
        } catch {
            throw error.asBodyError
        }
    }

    private func receiveUpgraded() throws(TransportError) -> [UInt8]? {
        var received: Int?
        var failure: TransportError?
        let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { memory, count in
            do throws(TransportError) {
                received = try transport.receive(into: UnsafeMutableRawBufferPointer(memory))
            } catch {
                failure = error
            }
            count = received ?? 0
        }
        if let failure { throw failure }
        return received == nil ? nil : piece
    }

    /// Writes bytes of the switched protocol.
    func writeUpgraded(_ bytes: [UInt8], of number: Int) async throws(HTTPBodyError) {
        if stream.isWriting { await withUnsafeContinuation { stream.waiters.append($0) } }
        stream.isWriting = true
        defer { stream.endWriting() }
        guard number == request, isUpgraded else { throw .disconnected }
        do throws(TransportError) {
            try await transport.send(bytes)
        } catch {
            throw error.asBodyError
        }
    }
}

/// A connection whose protocol was switched, as its handler uses it.
final class UpgradedConnection: HTTPUpgradedConnection {
    private let connection: Connection
    private let request: Int

    init(_ connection: Connection, request: Int) {
        self.connection = connection
        self.request = request
    }

    func read(before deadline: MonotonicInstant) async throws -> [UInt8]? {
        try await connection.readUpgraded(of: request, before: deadline.nanoseconds)
    }

    func write(_ bytes: [UInt8]) async throws { try await connection.writeUpgraded(bytes, of: request) }

    func abort() { connection.cut() }
}

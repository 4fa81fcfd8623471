import Concurrency
import Core
import Networking
import RPCModel

/// Calls over the simulated network, each on a connection of its own: what gRPC does, as far as a manager and a worker see it.
struct SimulatedCalls: RPCCalling {
    let network: any Network
    let clock: any MonotonicClock
    let address: NetworkAddress
    /// What the caller's certificate would say.
    let caller: String

    private static let connecting = Duration.seconds(5)

    func unary(_ path: String, _ request: [UInt8], _ options: RPCCallOptions) async throws -> [UInt8] {
        do {
            return try await withDeadline(options.timeout ?? .seconds(60), clock: clock, of: "the call") {
                try await stream(path, .unary, options) { exchange in
                    try await exchange.send(request)
                    try await exchange.finishSending()
                    guard let answer = try await exchange.receive() else {
                        throw RPCError(.internal, "\(path) was not answered")
                    }
                    return answer
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw RPCStatus.failure(error)
        }
    }

    func stream<Result: Sendable>(
        _ path: String, _ kind: RPCKind, _ options: RPCCallOptions,
        _ body: @Sendable (any RPCClientExchange) async throws -> Result
    ) async throws -> Result {
        do {
            let deadline = clock.now.advanced(by: Self.connecting)
            let connection = MessageStream(try await network.connect(to: address, before: deadline))
            let line = CallLine(connection, clock, beat: options.heartbeat)
            defer { line.close() }
            let beat = options.heartbeat.map { Int($0.interval.inMicroseconds / 1000) } ?? 0
            try line.send(.head(caller: caller, path: path, beat: beat))
            return try await run(line, body)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw RPCStatus.failure(error)
        }
    }

    private func run<Result: Sendable>(
        _ line: CallLine, _ body: @Sendable (any RPCClientExchange) async throws -> Result
    ) async throws -> Result {
        try await withoutActuallyEscaping(body) { body in
            try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    try await line.write()
                    return nil
                }
                group.addTask { try await body(ClientEnd(line: line)) }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw RPCError(.unavailable, "the call broke off")
            }
        }
    }

    private struct ClientEnd: RPCClientExchange {
        let line: CallLine

        func send(_ message: [UInt8]) async throws { try line.send(.message(message)) }
        func finishSending() async throws { try line.send(.end) }
        func initialMetadata() async throws -> RPCMetadata { RPCMetadata() }

        func receive() async throws -> [UInt8]? {
            switch try await line.receive() {
            case .message(let bytes): return bytes
            case .status(0, _): return nil
            case .status(let code, let message):
                throw RPCError(RPCCode(rawValue: code) ?? .unknown, message)
            default: throw RPCError(.unavailable, "the connection broke off")
            }
        }
    }
}

/// Answers such calls.
struct SimulatedCallServer: Sendable {
    let services: [RPCService]
    let network: any Network
    let clock: any MonotonicClock

    func run(on address: NetworkAddress) async throws {
        let listener = try await network.listen(on: address)
        await withDiscardingTaskGroup { group in
            // Throws only when cancelled.
            while let stream = try? await listener.accept() {
                group.addTask { await answer(MessageStream(stream)) }
            }
        }
    }

    private func answer(_ stream: MessageStream) async {
        defer { stream.close() }
        let deadline = clock.now.advanced(by: .seconds(60))
        // Who says nothing, or breaks off, gets no answer.
        guard let bytes = try? await stream.receive(before: deadline),
            case .head(let caller, let path, let milliseconds) = CallFrame(bytes),
            let handler = services.flatMap(\.methods).first(where: { $0.path == path })
        else { return }
        let beat = milliseconds > 0 ? RPCHeartbeat(every: .milliseconds(milliseconds)) : nil
        let line = CallLine(stream, clock, beat: beat)
        let identity = RPCPeerIdentity(commonName: caller, uris: [], dnsNames: [], certificate: "")
        let context = RPCContext(
            path: path, kind: handler.kind, metadata: RPCMetadata(), deadline: nil, peer: "ipv4:\(caller):1",
            identity: identity, requestID: "1")
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                // A connection that broke off: its handler hears of it by its reads.
                do { try await line.write() } catch { return false }
                return true
            }
            group.addTask {
                do {
                    try await handler.handle(ServerEnd(line: line), context)
                    try line.send(.status(0, ""))
                } catch {
                    let failure = RPCStatus.failure(error)
                    // Nobody may be there any more to hear it.
                    try? line.send(.status(failure.code.rawValue, failure.message))
                }
                line.finish()
                return true
            }
            for await isWell in group where !isWell { group.cancelAll() }
        }
    }

    private struct ServerEnd: RPCExchange {
        let line: CallLine

        func receive() async throws -> [UInt8]? {
            switch try await line.receive() {
            case .message(let bytes): return bytes
            case .end: return nil
            default: throw RPCError(.cancelled, "the client is gone")
            }
        }

        func send(_ message: [UInt8]) async throws { try line.send(.message(message)) }
        // Where it cannot be sent the status cannot either.
        func sendLast(_ message: [UInt8]) { try? line.send(.message(message)) }
        func setInitialMetadata(_ metadata: RPCMetadata) throws {}
        func setTrailingMetadata(_ metadata: RPCMetadata) {}
    }
}

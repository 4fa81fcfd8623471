import Protobuf
import ProtobufSamples
import RPCModel
import Synchronization
import Testing

/// Generated clients and services, joined without a network.
struct StubTests {
    /// Answers every kind of call.
    struct Trees: ForestService {
        func echo(_ request: Tree, context: RPCContext) async throws -> Tree { request }

        func children(_ request: Tree, to responses: RPCWriter<Tree>, context: RPCContext) async throws {
            for child in request.children { try await responses.write(child) }
        }

        func gather(_ requests: RPCReader<Tree>, context: RPCContext) async throws -> Tree {
            var tree = Tree()
            for try await child in requests { tree.children.append(child) }
            return tree
        }

        func exchange(
            _ requests: RPCReader<Tree>, to responses: RPCWriter<Something>, context: RPCContext
        ) async throws {
            for try await tree in requests {
                try await responses.write(Something(aString: "\(tree.value)"))
            }
        }
    }

    /// Bytes that wait to be read by the other end.
    final class Line: Sendable {
        private let messages = Mutex<[[UInt8]]>([])

        func add(_ message: [UInt8]) { messages.withLock { $0.append(message) } }
        func take() -> [UInt8]? { messages.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }

    struct ServerEnd: RPCExchange {
        let requests: Line
        let responses: Line

        func receive() async throws -> [UInt8]? { requests.take() }
        func send(_ message: [UInt8]) async throws { responses.add(message) }
        func sendLast(_ message: [UInt8]) { responses.add(message) }
        func setInitialMetadata(_ metadata: RPCMetadata) throws {}
        func setTrailingMetadata(_ metadata: RPCMetadata) {}
    }

    struct ClientEnd: RPCClientExchange {
        let requests: Line
        let responses: Line
        let answer: @Sendable () async throws -> Void

        func send(_ message: [UInt8]) async throws { requests.add(message) }
        func finishSending() async throws { try await answer() }
        func receive() async throws -> [UInt8]? { responses.take() }
        func initialMetadata() async throws -> RPCMetadata { RPCMetadata() }
    }

    /// Hands each call to the handler of its path.
    struct Joint: RPCCalling {
        let service: RPCService

        private func answer(_ path: String, _ requests: Line, _ responses: Line) async throws {
            let handler = try #require(service.methods.first { $0.path == path })
            let context = RPCContext(
                path: path, kind: handler.kind, metadata: RPCMetadata(), deadline: nil, peer: "unix:",
                identity: nil, requestID: "1")
            try await handler.handle(ServerEnd(requests: requests, responses: responses), context)
        }

        func unary(_ path: String, _ request: [UInt8], _ options: RPCCallOptions) async throws -> [UInt8] {
            let (requests, responses) = (Line(), Line())
            requests.add(request)
            try await answer(path, requests, responses)
            return try #require(responses.take())
        }

        func stream<Result: Sendable>(
            _ path: String, _ kind: RPCKind, _ options: RPCCallOptions,
            _ body: @Sendable (any RPCClientExchange) async throws -> Result
        ) async throws -> Result {
            let (requests, responses) = (Line(), Line())
            return try await body(
                ClientEnd(requests: requests, responses: responses) {
                    try await answer(path, requests, responses)
                })
        }
    }

    private let client = ForestClient(Joint(service: Trees().service))

    @Test("A generated client reaches the method of a generated service, of every kind")
    func calls() async throws {
        let tree = Tree(value: 1, children: [Tree(value: 2), Tree(value: 3)])
        #expect(try await client.echo(tree) == tree)
        let children = try await client.children(tree) { responses in
            var values: [Int64] = []
            for try await child in responses { values.append(child.value) }
            return values
        }
        #expect(children == [2, 3])
        let gathered = try await client.gather { requests, responses in
            for child in tree.children { try await requests.write(child) }
            try await requests.finish()
            return try await responses.next()
        }
        #expect(gathered == Tree(children: tree.children))
        let exchanged = try await client.exchange { requests, responses in
            try await requests.write(tree)
            try await requests.finish()
            return try await responses.next()
        }
        #expect(exchanged == Something(aString: "1"))
    }

    @Test("Calls have the paths that gRPC gives them")
    func paths() {
        #expect(ForestMethods.echo.path == "/apollo.samples.Forest/Echo")
        #expect(
            Trees().service.methods.map(\.kind) == [
                .unary, .serverStreaming, .clientStreaming, .bidirectional,
            ])
    }
}

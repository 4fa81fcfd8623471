import Concurrency
import Core
import RPC
import RPCModel
import Synchronization
import Testing

/// Unary calls share tasks and buffers, one after the other; nobody may notice.
@Suite("Unary calls that follow each other")
struct UnaryCallTests {
    private static func method(_ name: String) -> RPCMethod<String, String> {
        RPCMethod(service: "test.Unary", name: name, request: text, response: text)
    }

    /// Waits until its call is cancelled, and ends as if nothing were.
    private static let linger = method("Linger")
    private static let isCancelled = method("IsCancelled")
    private static let metadata = method("Metadata")

    private static func withServer(
        _ handlers: [RPCHandler], _ body: @escaping @Sendable (RPCChannel, RPCServer) async throws -> Void
    ) async throws {
        let poller = RPCPoller(name: "rpc-test")
        let server = RPCServer(
            [RPCService("test.Unary", handlers)],
            configuration: RPCServerConfiguration(
                endpoints: [.init(.tcp("127.0.0.1", 0))], environment: .live), poller: poller)
        let address = try server.start()[0]
        let channel = try RPCChannel(
            address, configuration: RPCChannelConfiguration(environment: .live), poller: poller)
        try await withDeadline(.seconds(60), clock: Environment.live.clock, of: "the test") {
            do {
                try await body(channel, server)
                await server.shutdown(deadline: .seconds(20))
            } catch {
                await server.shutdown(deadline: .zero)
                throw error
            }
        }
    }

    @Test("a call that is cancelled does not cancel the ones after it")
    func cancellation() async throws {
        let started = Mailbox<String>("started", capacity: 1000)
        try await Self.withServer([
            .unary(Self.linger) { request, _ in
                _ = started.send(request)
                // lint:allow sleeping it waits to be cancelled
                try? await Environment.live.clock.sleep(for: .seconds(60))
                return request
            },
            .unary(Self.isCancelled) { _, _ in "\(Task.isCancelled)" },
        ]) { channel, _ in
            for _ in 0..<20 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<5 {
                        group.addTask { _ = try? await channel.call(Self.linger, "x") }
                    }
                    var running = 0
                    while running < 5 { running += try await started.nextBatch()?.count ?? 5 }
                    group.cancelAll()
                    try await withThrowingTaskGroup(of: String.self) { calls in
                        for _ in 0..<20 {
                            calls.addTask { try await channel.call(Self.isCancelled, "") }
                        }
                        for try await answer in calls { #expect(answer == "false") }
                    }
                }
            }
        }
    }

    @Test("nothing of a call is left for the next: no metadata, no message, no failure")
    func separation() async throws {
        try await Self.withServer([
            .unary(Self.metadata) { request, context in
                if request == "fail" { throw ApolloError(.conflict, "no") }
                return request + (context.metadata["only-once"] ?? "")
            }
        ]) { channel, _ in
            for index in 0..<50 {
                let options = RPCCallOptions(metadata: RPCMetadata(["only-once": "-\(index)"]))
                let first = try await channel.call(Self.metadata, "a", options: options)
                #expect(first == "a-\(index)")
                let empty = try await channel.call(Self.metadata, "")
                #expect(empty == "")
                let error = await #expect(throws: RPCError.self) {
                    try await channel.call(Self.metadata, "fail", options: options)
                }
                #expect(error?.message == "no")
                let last = try await channel.call(Self.metadata, "b")
                #expect(last == "b")
            }
        }
    }

    @Test("more methods and more calls at once than are asked for ahead are all answered")
    func many() async throws {
        let methods = (0..<200).map { Self.method("M\($0)") }
        try await Self.withServer(
            methods.map { method in
                .unary(method) { request, _ in "\(method.name) \(request)" }
            }
        ) {
            channel, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for method in methods {
                    for call in 0..<10 {
                        group.addTask {
                            let answer = try await channel.call(method, "\(call)")
                            #expect(answer == "\(method.name) \(call)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.statistics.total == 2000)
        }
    }

    @Test(
        "a client that ends without a message is told so, and one that never sends any leaves nothing behind")
    func silence() async throws {
        try await Self.withServer([.unary(Self.metadata) { request, _ in request }]) { channel, server in
            let error = await #expect(throws: RPCError.self) {
                try await channel.stream(Self.metadata.path, .bidirectional, RPCCallOptions()) { exchange in
                    try await exchange.finishSending()
                    _ = try await exchange.receive()
                }
            }
            #expect(error?.code == .invalidArgument)
            try await channel.stream(Self.metadata.path, .bidirectional, RPCCallOptions()) { _ in }
            let answer = try await channel.call(Self.metadata, "still")
            #expect(answer == "still")
            while server.statistics.running > 0 { await Task.yield() }
        }
    }
}

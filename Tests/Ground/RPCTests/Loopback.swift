import Concurrency
import Core
import RPC
import RPCModel
import Synchronization
import Testing

/// Numbers as text: messages that tests can read.
let text = RPCCodec<String>(encode: { Array($0.utf8) }, decode: { String(decoding: $0, as: UTF8.self) })

enum Echo {
    static let say = RPCMethod(service: "test.Echo", name: "Say", request: text, response: text)
    static let count = RPCMethod(
        service: "test.Echo", name: "Count", kind: .serverStreaming, request: text, response: text)
    static let sum = RPCMethod(
        service: "test.Echo", name: "Sum", kind: .clientStreaming, request: text, response: text)
    static let chat = RPCMethod(
        service: "test.Echo", name: "Chat", kind: .bidirectional, request: text, response: text)
    /// Waits until it is cancelled.
    static let hang = RPCMethod(service: "test.Echo", name: "Hang", request: text, response: text)
    static let quiet = RPCMethod(
        service: "test.Echo", name: "Quiet", kind: .serverStreaming, request: text, response: text)
}

/// A server with one of each kind of method, and a channel to it.
final class Loopback: Sendable {
    let poller = RPCPoller(name: "rpc-test")
    let server: RPCServer
    let channel: RPCChannel
    let address: RPCAddress
    /// Opened by calls of `Hang` that were cancelled.
    let cancelled = Mailbox<String>("cancelled", capacity: 100_000)
    let started = Mailbox<String>("started", capacity: 100_000)

    init(
        interceptors: [RPCInterceptor] = [], _ change: (inout RPCServerConfiguration) -> Void = { _ in },
        channel changeChannel: (inout RPCChannelConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = RPCServerConfiguration(
            endpoints: [.init(.tcp("127.0.0.1", 0))], interceptors: interceptors, environment: .live)
        change(&configuration)
        server = RPCServer(
            [Self.service(started: started, cancelled: cancelled)], configuration: configuration,
            poller: poller)
        address = try server.start()[0]
        var channelConfiguration = RPCChannelConfiguration(environment: .live)
        changeChannel(&channelConfiguration)
        channel = try RPCChannel(address, configuration: channelConfiguration, poller: poller)
    }

    private static func service(started: Mailbox<String>, cancelled: Mailbox<String>) -> RPCService {
        @Sendable func hang(_ name: String) async throws {
            _ = started.send(name)
            do {
                // lint:allow sleeping it waits to be cancelled
                try await Environment.live.clock.sleep(for: .seconds(60))
            } catch {
                _ = cancelled.send(name)
                throw error
            }
        }
        return RPCService(
            "test.Echo",
            [
                .unary(Echo.say) { request, context in
                    if request == "fail" {
                        throw ApolloError(
                            .conflict, "no", hint: "say something else",
                            fields: [FieldError(path: "text", message: "bad")])
                    }
                    if request == "deadline" {
                        return context.deadline.map {
                            "\(Environment.live.clock.now.duration(to: $0).inMicroseconds)"
                        } ?? "none"
                    }
                    if request == "metadata" {
                        return context.metadata.entries.map { "\($0.name)=\($0.bytes)" }.joined(
                            separator: ";")
                    }
                    if request == "peer" { return context.identity?.uris.first ?? "nobody" }
                    return request
                },
                .unary(Echo.hang) { request, _ in
                    try await hang(request)
                    return request
                },
                .serverStreaming(Echo.count) { request, writer, _ in
                    for index in 0..<(Int(request) ?? 0) { try await writer.write("\(index)") }
                },
                .serverStreaming(Echo.quiet) { request, _, _ in try await hang(request) },
                .clientStreaming(Echo.sum) { requests, _ in
                    var sum = 0
                    for try await request in requests { sum += Int(request) ?? 0 }
                    return "\(sum)"
                },
                .bidirectional(Echo.chat) { requests, writer, _ in
                    for try await request in requests { try await writer.write(request + "!") }
                },
            ])
    }

    func says(_ expected: String, to request: String, options: RPCCallOptions = RPCCallOptions()) async throws
    {
        let answer = try await channel.call(Echo.say, request, options: options)
        #expect(answer == expected)
    }

    func close() async { await server.shutdown(deadline: .seconds(20)) }
}

/// Runs `body` against a server of its own.
func withLoopback(_ loopback: Loopback, _ body: @escaping @Sendable (Loopback) async throws -> Void)
    async throws
{
    try await withDeadline(.seconds(60), clock: Environment.live.clock, of: "the test") {
        do {
            try await body(loopback)
            await loopback.close()
        } catch {
            await loopback.close()
            throw error
        }
    }
}

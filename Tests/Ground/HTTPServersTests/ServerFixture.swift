import Concurrency
import Core
import EventLoops
import Glibc
import HTTPModel
import HTTPServers
import Synchronization
import TLS

/// A value that tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }
    func set(_ value: Value) { state.withLock { $0 = value } }
    func update(_ change: @Sendable (inout Value) -> Void) { state.withLock { change(&$0) } }
}

/// A server under test, and the loops of its clients.
struct ServerFixture: Sendable {
    let server: HTTPServer
    let addresses: [SocketAddress]
    let loops: EventLoopGroup
    let reported: Shared<[String]>

    func connect(_ index: Int = 0) async throws -> RawClient {
        RawClient(try await StreamSocket.connecting(to: addresses[index], on: loops.next()))
    }

    /// Waits until so many events were reported: a client may see the end of its connection before.
    func reports(_ count: Int) async throws -> [String] {
        while reported.value.count < count {
            // lint:allow sleeping an event is awaited that nobody announces
            try await LiveClock().sleep(for: .milliseconds(1))
        }
        return reported.value
    }

    /// One request on a connection of its own, and all that comes back.
    func exchange(_ text: String) async throws -> String {
        let client = try await connect()
        try await client.send(text)
        let answer = try await client.readToEnd()
        await client.close()
        return answer
    }
}

/// Runs `body` with a server on one loop, which is stopped whatever happens, and all of it within a minute.
func withServer(
    endpoints: [HTTPServerConfiguration.Endpoint] = [.init(.tcp(host: "127.0.0.1", port: 0))],
    configure: (inout HTTPServerConfiguration) -> Void = { _ in }, handler: @escaping HTTPServer.Handler,
    _ body: @escaping @Sendable (ServerFixture) async throws -> Void
) async throws {
    let serverLoops = try EventLoopGroup(count: 1, name: "server")
    let clientLoops = try EventLoopGroup(count: 1, name: "client")
    let reported = Shared<[String]>([])
    var configuration = HTTPServerConfiguration(endpoints: endpoints, environment: .live) { event in
        reported.update { $0.append("\(event)") }
    }
    configure(&configuration)
    let server = HTTPServer(configuration: configuration, handler: handler)
    let result: Result<Void, any Error>
    do {
        let addresses = try await server.start(on: serverLoops)
        let fixture = ServerFixture(
            server: server, addresses: addresses, loops: clientLoops, reported: reported)
        try await withDeadline(.seconds(60), clock: LiveClock(), of: "the test") { try await body(fixture) }
        result = .success(())
    } catch {
        result = .failure(error)
    }
    await server.shutdown(deadline: .zero)
    await clientLoops.stop(within: .seconds(1))
    await serverLoops.stop(within: .seconds(1))
    try result.get()
}

/// A directory of its own, removed after `body`.
func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/apollo-http-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ApolloError(.unavailable, "mkdtemp failed") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in ["socket", "file", "empty"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }
    try await body(path)
}

func writeFile(_ path: String, _ bytes: [UInt8]) {
    let file = fopen(path, "w")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

/// Where two long runs of bytes first differ, if they do: `#expect` on the runs themselves would look for the shortest way from
/// one to the other.
func difference(_ a: [UInt8], _ b: [UInt8]) -> String? {
    if a == b { return nil }
    let at = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
    return "they differ at byte \(at), and have \(a.count) and \(b.count)"
}

import Core
import Networking
import Simulation

/// Requests and answers as single messages of text, the least that a distributed test needs.
enum Lines {
    /// Answers requests on `port` until the process ends; each connection has a task of its own.
    static func serve(
        _ process: SimulatedProcess, port: UInt16,
        _ answer: @escaping @Sendable (String) async throws -> String
    ) async throws {
        let address = NetworkAddress(host: process.host.name, port: port)
        let listener = try await process.network.listen(on: address)
        let clock = process.environment.clock
        try await withThrowingTaskGroup(of: Void.self) { group in
            while let stream = try await listener.accept() {
                group.addTask {
                    let messages = MessageStream(stream)
                    defer { messages.close() }
                    // A broken connection ends its task and nothing else.
                    while let request = try? await messages.receive(
                        before: clock.now.advanced(by: .seconds(60)))
                    {
                        let text = try await answer(String(decoding: request, as: UTF8.self))
                        try? await messages.send(
                            Array(text.utf8), before: clock.now.advanced(by: .seconds(5)))
                    }
                }
            }
        }
    }

    /// Asks once, over a connection of its own; throws unless the answer comes within `limit`.
    static func ask(
        _ request: String, at address: NetworkAddress, within limit: Duration, _ process: SimulatedProcess
    ) async throws -> String {
        let deadline = process.environment.clock.now.advanced(by: limit)
        let messages = MessageStream(try await process.network.connect(to: address, before: deadline))
        defer { messages.close() }
        try await messages.send(Array(request.utf8), before: deadline)
        guard let answer = try await messages.receive(before: deadline) else {
            throw ApolloError(.unavailable, "\(address) closed the connection instead of answering")
        }
        return String(decoding: answer, as: UTF8.self)
    }
}

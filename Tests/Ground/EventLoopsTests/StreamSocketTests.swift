import Core
import EventLoops
import Glibc
import Testing

struct StreamSocketTests {
    private func pair(_ group: EventLoopGroup) async throws -> (StreamSocket, StreamSocket) {
        let listener = try await Listener.listening(
            on: .tcp(host: "127.0.0.1", port: 0), loop: group.loops[0])
        let client = try await StreamSocket.connecting(to: listener.address, on: group.next())
        let server = try await StreamSocket.serving(try await listener.accept(), on: group.next())
        await listener.close()
        return (client, server)
    }

    @Test func `eight mebibytes come through whole, both ways at once`() async throws {
        try await withLoops(2) { group in
            let (client, server) = try await pair(group)
            let sent = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try await withThrowingTaskGroup(of: [UInt8].self) { children in
                children.addTask {
                    var got: [UInt8] = []
                    while let piece = try await client.read() { got += piece }
                    return got
                }
                children.addTask {
                    try await client.write(sent)
                    await client.finishWriting()
                    return []
                }
                children.addTask {
                    while let piece = try await server.read() { try await server.write(piece) }
                    await server.finishWriting()
                    return []
                }
                for try await got in children where !got.isEmpty { #expect(got == sent) }
            }
            await client.close()
            await server.close()
        }
    }

    @Test func `reading from a silent peer ends at the deadline`() async throws {
        try await withLoops { group in
            let (client, server) = try await pair(group)
            do {
                _ = try await client.read(within: .milliseconds(20))
                Issue.record("something came")
            } catch {
                #expect(error as? SocketError == .timedOut)
            }
            await server.close()
            #expect(try await client.read() == nil)
            await client.close()
        }
    }

    @Test func `writing to a peer that does not read ends at the deadline`() async throws {
        try await withLoops { group in
            let (client, server) = try await pair(group)
            do {
                let piece = [UInt8](repeating: 1, count: 1 << 20)
                for _ in 0..<1000 { try await client.write(piece, within: .milliseconds(50)) }
                Issue.record("a gigabyte went nowhere")
            } catch {
                #expect(error as? SocketError == .timedOut)
            }
            await server.close()
            await client.close()
        }
    }

    @Test func `a reset is told as closed`() async throws {
        try await withLoops { group in
            let (client, server) = try await pair(group)
            await server.reset()
            await #expect(throws: SocketError.closed) { try await client.read() }
            await #expect(throws: SocketError.closed) { try await client.write([1]) }
            await client.close()
        }
    }

    @Test func `closing ends one's own read`() async throws {
        try await withLoops { group in
            let (client, server) = try await pair(group)
            let task = Task { () throws(SocketError) in try await client.read() }
            await client.close()
            await #expect(throws: SocketError.closed) { try await task.value }
            await server.close()
        }
    }

    @Test func `connecting where nobody listens is an error that names the address`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let listener = try await Listener.listening(on: .tcp(host: "127.0.0.1", port: 0), loop: loop)
            await listener.close()
            do {
                _ = try await StreamSocket.connecting(to: listener.address, on: loop)
                Issue.record("connected to nobody")
            } catch let error as ApolloError {
                #expect(error.message == "cannot connect to \(listener.address): Connection refused")
            }
        }
    }
}

import Core
import Documents
import EventLoops
import TaskRuntimes

/// A connection to the engine that a call has turned into a stream of bytes both ways ("hijacking" in the Engine API): a client
/// of its own, since a library's cannot write once a response has begun.
final class EngineStream: Sendable {
    private let socket: StreamSocket
    private let loops: EventLoopGroup

    private static let patience = Duration.seconds(30)
    private static let longestHead = 64 << 10

    private init(_ socket: StreamSocket, _ loops: EventLoopGroup) {
        self.socket = socket
        self.loops = loops
    }

    /// Posts `body` to `path`, below the API's version, and returns the stream that it becomes, with what it began with.
    static func open(_ engine: Engine, _ path: String, body: [UInt8]) async throws(EngineFailure)
        -> (stream: EngineStream, first: [UInt8])
    {
        let loops: EventLoopGroup
        do { loops = try EventLoopGroup(count: 1, name: "engine") } catch {
            throw .known(
                .exhausted("no thread for a stream of the engine: \(error)", hint: "see `ulimit -u`"))
        }
        do {
            let socket = try await StreamSocket.connecting(
                to: .unix(path: engine.socket), on: loops.next(), within: .seconds(5))
            do {
                let rest = try await begin(socket, engine, path, body)
                return (EngineStream(socket, loops), rest)
            } catch {
                await socket.close()
                throw error
            }
        } catch {
            await loops.stop()
            if let failure = error as? EngineFailure { throw failure }
            if Task.isCancelled { throw .known(.cancelled) }
            throw .known(
                .unavailable(
                    "the container engine broke off: \((error as? ApolloError)?.message ?? "\(error)")",
                    hint: "check that it runs"))
        }
    }

    private static func begin(
        _ socket: StreamSocket, _ engine: Engine, _ path: String, _ body: [UInt8]
    ) async throws -> [UInt8] {
        let head =
            "POST /v\(engine.apiVersion)\(path) HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
        try await socket.write(Array(head.utf8) + body, within: patience)
        var received: [UInt8] = []
        while true {
            if let end = EngineResponseHead.end(of: received) {
                let rest = Array(received[end...])
                let head = EngineResponseHead(received[..<end])
                if head.isStream { return rest }
                throw EngineFailure.refused(
                    status: head.status, message: try await message(socket, head, rest))
            }
            guard received.count < longestHead, let bytes = try await socket.read(within: patience) else {
                throw EngineFailure.malformed("its answer to \(path) has no end")
            }
            received += bytes
        }
    }

    private static func message(
        _ socket: StreamSocket, _ head: EngineResponseHead, _ first: [UInt8]
    ) async throws -> String {
        struct Answer: Decodable { var message: String }
        var body = first
        while body.count < min(head.length ?? longestHead, longestHead) {
            guard let bytes = try await socket.read(within: patience) else { break }
            body += bytes
        }
        // Proxies answer with a text of their own: then that is the message.
        if let answer = try? JSONReader.decode(Answer.self, from: body) { return answer.message }
        return String(decoding: body.prefix(1000), as: UTF8.self)
    }

    /// The next bytes; nil at the end, also where the connection broke.
    func read() async throws(RuntimeError) -> [UInt8]? {
        do throws(SocketError) { return try await socket.read() } catch {
            if error == .cancelled { throw .cancelled }
            return nil
        }
    }

    /// Writes all of it; what nobody takes any more is dropped.
    func write(_ bytes: [UInt8]) async throws(RuntimeError) {
        do throws(SocketError) { try await socket.write(bytes) } catch {
            if error == .cancelled { throw .cancelled }
        }
    }

    func finishWriting() async { await socket.finishWriting() }

    /// Ends who reads and writes, and the thread.
    func close() async {
        socket.abort()
        await socket.close()
        await loops.stop()
    }
}

/// The head of a response of the engine, as far as it matters for a stream.
struct EngineResponseHead {
    /// 0 for something that is no HTTP.
    var status = 0
    var length: Int?

    /// Docker switches; Podman, and Docker asked in the old way, answer 200 and go on.
    var isStream: Bool { status == 101 || status == 200 }

    init(_ bytes: ArraySlice<UInt8>) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2, first[0].hasPrefix("HTTP/1.")
        else { return }
        status = Int(first[1]) ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "content-length" {
                length = Int(parts[1].drop { $0 == " " })
            }
        }
    }

    /// Where the head ends and what follows begins; nil before.
    static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index...].starts(with: [13, 10, 13, 10]) {
            return index + 4
        }
        return nil
    }
}

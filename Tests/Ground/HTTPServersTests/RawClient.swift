import Core
import EventLoops
import Synchronization

/// A client that sends and receives bytes as they are, so that nothing of them is hidden.
final class RawClient: Sendable {
    struct Response: Sendable {
        var status: Int
        var fields: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    let socket: StreamSocket
    private let unread = Mutex<[UInt8]>([])

    init(_ socket: StreamSocket) { self.socket = socket }

    func send(_ text: String) async throws { try await socket.write(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) async throws { try await socket.write(bytes) }
    func close() async { await socket.close() }

    /// The next response; the body by its length or its chunks, or none for a HEAD.
    func response(toHead: Bool = false) async throws -> Response {
        let head = try await read(until: "\r\n\r\n")
        var lines = head.split(separator: "\r\n").map(String.init)
        let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
        var fields: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        var body: [UInt8] = []
        if toHead || status == 204 || status == 304 || status == 100 {
            return Response(status: status, fields: fields, body: [])
        }
        if let length = fields["content-length"].flatMap(Int.init) {
            body = try await read(count: length)
        } else if fields["transfer-encoding"] == "chunked" {
            while true {
                // Not dropLast(2): the line's end is one Character.
                let line = try await read(until: "\r\n").dropLast()
                guard let size = Int(line, radix: 16) else {
                    throw ApolloError(.corrupt, "'\(line)' is no chunk's size")
                }
                let chunk = try await read(count: size + 2)
                if size == 0 { break }
                body += chunk.dropLast(2)
            }
        }
        return Response(status: status, fields: fields, body: body)
    }

    /// Text up to and with `mark`.
    func read(until mark: String) async throws -> String {
        let mark = Array(mark.utf8)
        while true {
            let found = unread.withLock { unread -> String? in
                guard let start = unread.firstRange(of: mark) else { return nil }
                defer { unread.removeFirst(start.upperBound) }
                return String(decoding: unread[..<start.upperBound], as: UTF8.self)
            }
            if let found { return found }
            try await fill()
        }
    }

    func read(count: Int) async throws -> [UInt8] {
        while true {
            let found = unread.withLock { unread -> [UInt8]? in
                guard unread.count >= count else { return nil }
                defer { unread.removeFirst(count) }
                return Array(unread[..<count])
            }
            if let found { return found }
            try await fill()
        }
    }

    func readToEnd() async throws -> String {
        while let piece = try await socket.read() { unread.withLock { $0 += piece } }
        return unread.withLock { unread in
            defer { unread = [] }
            return String(decoding: unread, as: UTF8.self)
        }
    }

    /// Whether the server has closed the connection, with nothing more to read.
    func isAtEnd() async throws -> Bool { try await readToEnd().isEmpty }

    private func fill() async throws {
        guard let piece = try await socket.read() else {
            let text = unread.withLock { String(decoding: $0, as: UTF8.self) }
            throw ApolloError(.unavailable, "the server closed the connection after '\(text)'")
        }
        unread.withLock { $0 += piece }
    }
}

extension Array where Element == UInt8 {
    fileprivate func firstRange(of mark: [UInt8]) -> Range<Int>? {
        guard count >= mark.count else { return nil }
        for start in 0...(count - mark.count) where self[start] == mark[0] {
            if self[start..<start + mark.count].elementsEqual(mark) { return start..<start + mark.count }
        }
        return nil
    }
}

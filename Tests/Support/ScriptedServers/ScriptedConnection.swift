import Glibc

/// A connection at the server's end, read and written by a script that runs on a thread of its own and may block.
public final class ScriptedConnection: Sendable {
    /// Which connection of the server it is, from 1.
    public let number: Int
    let descriptor: Int32

    init(number: Int, descriptor: Int32) {
        self.number = number
        self.descriptor = descriptor
    }

    /// A request as it came.
    public struct Request: Sendable {
        public var method: String
        public var target: String
        /// Names in lower case.
        public var fields: [String: String]
        public var body: [UInt8]

        public var text: String { String(decoding: body, as: UTF8.self) }
        /// The target up to the first `?`.
        public var path: String { String(target.prefix { $0 != "?" }) }
    }

    /// The next request with its whole body; nil once the peer has closed.
    public func readRequest() -> Request? {
        guard var request = readHead() else { return nil }
        if request.fields["transfer-encoding"] == "chunked" {
            guard let body = readChunks() else { return nil }
            request.body = body
        } else if let length = request.fields["content-length"].flatMap({ Int($0) }) {
            guard let body = read(exactly: length) else { return nil }
            request.body = body
        }
        return request
    }

    /// The next request without its body, which stays to be read.
    public func readHead() -> Request? {
        guard let first = readLine() else { return nil }
        let words = first.split(separator: " ")
        guard words.count == 3 else { return nil }
        var fields: [String: String] = [:]
        while let line = readLine(), !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return Request(method: String(words[0]), target: String(words[1]), fields: fields, body: [])
    }

    /// One chunk of a chunked body, empty at its end; nil where it breaks off.
    public func readChunk() -> [UInt8]? {
        guard let line = readLine(), let size = Int(line, radix: 16), let bytes = read(exactly: size),
            readLine() == ""
        else { return nil }
        return bytes
    }

    private func readChunks() -> [UInt8]? {
        var body: [UInt8] = []
        while let chunk = readChunk() {
            if chunk.isEmpty { return body }
            body += chunk
        }
        return nil
    }

    public func read(exactly count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress! + filled, count - filled, 0)
            }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }

    /// Up to `limit` bytes; nil once the peer has closed.
    public func readSome(_ limit: Int = 65536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let got = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress!, limit, 0) }
        return got > 0 ? Array(bytes[..<got]) : nil
    }

    // A byte at a time: slow, and it never reads past the line.
    private func readLine() -> String? {
        var line: [UInt8] = []
        while let byte = read(exactly: 1)?[0] {
            guard byte == 10 else {
                line.append(byte)
                continue
            }
            if line.last == 13 { line.removeLast() }
            return String(decoding: line, as: UTF8.self)
        }
        return nil
    }

    /// Writes all of the bytes, waiting while the peer does not read; false once it is gone.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Writes a whole response, with its length.
    @discardableResult
    public func respond(_ status: Int, fields: [String] = [], _ body: [UInt8]) -> Bool {
        let lines = (["Content-Length: \(body.count)"] + fields).map { $0 + "\r\n" }.joined()
        return write(Array("HTTP/1.1 \(status) Scripted\r\n\(lines)\r\n".utf8) + body)
    }

    @discardableResult
    public func respond(_ status: Int, fields: [String] = [], _ text: String = "") -> Bool {
        respond(status, fields: fields, Array(text.utf8))
    }

    /// Begins a chunked response.
    @discardableResult
    public func beginChunks(_ status: Int = 200) -> Bool {
        write("HTTP/1.1 \(status) Scripted\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    /// Writes one chunk; an empty one ends the response.
    @discardableResult
    public func writeChunk(_ bytes: [UInt8]) -> Bool {
        write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
    }

    /// Returns when the peer has closed; what it still sends is dropped.
    public func waitForClose() {
        while readSome() != nil {}
    }

    /// Ends both directions now; what the script still writes is lost.
    public func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Closes with a reset, so that the peer sees the connection break rather than end.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

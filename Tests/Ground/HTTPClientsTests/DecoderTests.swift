import Concurrency
import Core
import HTTPModel
import Testing

@testable import HTTPClients

@Suite struct LineDecoderTests {
    /// The lines of `text`, given in pieces of `size` bytes.
    private func lines(_ text: String, size: Int, carriageReturn: Bool = false) throws -> [String] {
        var decoder = LineDecoder(limit: 64, splitsAtCarriageReturn: carriageReturn)
        var lines: [[UInt8]] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += try decoder.decode(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        if let last = decoder.finish() { lines.append(last) }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: 1...9)
    func `lines are the same however the bytes come`(size: Int) throws {
        #expect(try lines("a\nbc\r\n\n\r\nd\re\nlast", size: size) == ["a", "bc", "", "", "d\re", "last"])
        #expect(
            try lines("a\rbc\r\n\n\r\r\nd", size: size, carriageReturn: true) == ["a", "bc", "", "", "", "d"])
    }

    @Test(arguments: [1, 7, 64, 200])
    func `a line beyond the limit is refused`(size: Int) {
        let long = String(repeating: "x", count: 65)
        #expect(throws: LineDecoder.Failure.tooLong(limit: 64)) { try lines("ok\n" + long, size: size) }
        #expect(throws: LineDecoder.Failure.tooLong(limit: 64)) { try lines(long + "\nok", size: size) }
    }
}

@Suite struct ServerSentEventDecoderTests {
    private func events(_ text: String, size: Int = 4096) throws -> [ServerSentEvent] {
        var decoder = ServerSentEventDecoder()
        let bytes = Array(text.utf8)
        var events: [ServerSentEvent] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += try decoder.decode(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        return events
    }

    // The streams of the standard's own examples (WHATWG HTML, section 9.2.6).
    @Test(arguments: [1, 2, 3, 5, 1000])
    func `the examples of the standard are read, however they come`(size: Int) throws {
        #expect(
            try events("data: YHOO\ndata: +2\ndata: 10\n\n", size: size)
                == [ServerSentEvent(data: "YHOO\n+2\n10")])
        let second =
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
        #expect(
            try events(second, size: size) == [
                ServerSentEvent(data: "first event", lastID: "1"), ServerSentEvent(data: "second event"),
                ServerSentEvent(data: " third event"),
            ])
        #expect(
            try events("data\n\ndata\ndata\n\ndata:", size: size)
                == [ServerSentEvent(data: ""), ServerSentEvent(data: "\n")])
        #expect(
            try events("data:test\r\n\r\ndata: test\r\r", size: size)
                == [ServerSentEvent(data: "test"), ServerSentEvent(data: "test")])
    }

    @Test func `types, a mark at the start, unknown fields and the time are read`() throws {
        var decoder = ServerSentEventDecoder()
        let events = try decoder.decode(
            Array("\u{FEFF}event: log\ndata: é\nother: x\nretry: 1500\nretry: 1x\n\nevent: gone\n\n".utf8))
        #expect(events == [ServerSentEvent(type: "log", data: "é")])
        #expect(decoder.reconnectionTime == .milliseconds(1500))
    }

    @Test func `an identifier with a zero byte is passed over, others last`() throws {
        #expect(
            try events("id: a\ndata: 1\n\nid: b\0\ndata: 2\n\n").map(\.lastID) == ["a", "a"])
    }

    @Test func `an event beyond the limit is refused`() {
        var decoder = ServerSentEventDecoder(limit: 100)
        #expect(throws: ServerSentEventDecoder.Failure.tooLong(limit: 100)) {
            for _ in 0..<20 { _ = try decoder.decode(Array("data: 1234567890\n".utf8)) }
        }
        var other = ServerSentEventDecoder(limit: 100)
        #expect(throws: ServerSentEventDecoder.Failure.tooLong(limit: 100)) {
            for _ in 0..<20 { _ = try other.decode(Array("1234567890".utf8)) }
        }
    }

    @Test func `random bytes are read without a fault`() {
        let random = SystemRandomSource()
        let alphabet = Array("data:id event\r\n\n\r \0é".utf8)
        for _ in 0..<2000 {
            var decoder = ServerSentEventDecoder(limit: 64)
            let bytes = (0..<200).map { _ in alphabet[Int(random.next(below: UInt64(alphabet.count)))] }
            _ = try? decoder.decode(bytes)
        }
    }
}

@Suite struct ResponseHeadReaderTests {
    private func head(_ lines: [String]) throws(ResponseHeadReader.Failure) -> ResponseHeadReader.Head? {
        var reader = ResponseHeadReader(limit: 1000, maximumRedirects: 0)
        var found: ResponseHeadReader.Head?
        for line in lines {
            let bytes = Array(line.utf8)
            let result = bytes.withUnsafeBytes { bytes in
                Result<ResponseHeadReader.Head?, ResponseHeadReader.Failure> {
                    () throws(ResponseHeadReader.Failure) in
                    try reader.read(bytes)
                }
            }
            if let head = try result.get() { found = head }
        }
        return found
    }

    @Test func `a head is put together, values trimmed`() throws {
        let found = try head([
            "HTTP/1.1 200\r\n", "A:b\r\n", "C: \t d e \t\r\n", "E:\n", "\r\n", "Trailer: x\r\n",
        ])
        #expect(found?.status == .ok)
        #expect(found?.fields.lines.map(\.value) == ["b", "d e", ""])
    }

    @Test(arguments: [
        ["HTTP/1.1\r\n"], ["HTTP/1.1 20 OK\r\n"], ["HTTP/1.1 2000 OK\r\n"], ["ICY 200 OK\r\n"], [""],
        ["HTTP/1.1 200 OK\r\n", " folded: x\r\n"], ["HTTP/1.1 200 OK\r\n", ": x\r\n"],
    ])
    func `a head that is none is refused`(_ lines: [String]) {
        #expect(throws: ResponseHeadReader.Failure.self) { try head(lines) }
    }
}

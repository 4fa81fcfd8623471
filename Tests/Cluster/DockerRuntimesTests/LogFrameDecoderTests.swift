import Concurrency
import Core
import TaskRuntimes
import Testing

@testable import DockerRuntimes

@Suite struct LogFrameDecoderTests {
    private static func frame(_ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let count = payload.count
        return [stream, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + payload
    }

    private static let time = "2026-11-21T09:30:11.123456789Z"

    /// The records of `bytes`, given in pieces of `size`.
    private func records(_ bytes: [UInt8], size: Int) throws -> [LogRecord] {
        var decoder = LogFrameDecoder()
        var records: [LogRecord] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            records += try decoder.decode(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        for index in records.indices { records[index].end = nil }
        #expect(decoder.isAtBoundary)
        return records
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 50, 1000])
    func `frames are the same however the bytes come`(size: Int) throws {
        let bytes =
            Self.frame(1, Array("\(Self.time) out\n".utf8))
            + Self.frame(2, Array("\(Self.time) ".utf8) + [0, 255, 10])
            + Self.frame(1, Array("\(Self.time) ".utf8)) + Self.frame(1, [])
            + Self.frame(1, Array("2026-11-21T10:30:12.5+01:00 later".utf8))
        let time = try #require(Timestamp(parsing: "2026-11-21T09:30:11.123456Z"))
        let later = try #require(Timestamp(parsing: "2026-11-21T09:30:12.5Z"))
        #expect(
            try records(bytes, size: size) == [
                LogRecord(stream: .stdout, time: time, bytes: Array("out\n".utf8)),
                LogRecord(stream: .stderr, time: time, bytes: [0, 255, 10]),
                LogRecord(stream: .stdout, time: later, bytes: Array("later".utf8)),
            ])
    }

    @Test func `a line without a time has that of the one before`() throws {
        let bytes =
            Self.frame(1, Array("\(Self.time) a\n".utf8)) + Self.frame(1, Array("no time here\n".utf8))
            + Self.frame(1, Array("nospace".utf8))
        let found = try records(bytes, size: 1000)
        #expect(Set(found.map(\.time)).count == 1)
        #expect(
            found.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a\n", "no time here\n", "nospace"])
    }

    @Test func `the line ends that Docker's local log loses are put back`() throws {
        let part = [UInt8](repeating: 120, count: 16 << 10)
        func entry(_ stream: UInt8, _ second: Int, _ text: [UInt8]) -> [UInt8] {
            Self.frame(stream, Array("2026-11-21T09:30:1\(second).5Z ".utf8) + text)
        }
        let bytes =
            entry(1, 1, part) + entry(1, 1, Array("end".utf8)) + entry(2, 1, Array("other\n".utf8))
            + entry(1, 2, Array("next\n".utf8)) + entry(1, 3, part) + entry(1, 4, part)
            + entry(1, 5, Array("tail".utf8))
        var decoder = LogFrameDecoder(mendsLineEnds: true)
        let output = try decoder.decode(bytes).filter { $0.stream == .stdout }.reduce(into: []) {
            $0 += $1.bytes
        }
        #expect(
            output == part + Array("end\nnext\n".utf8) + part + [10] + part + Array("\ntail".utf8))
        var plain = LogFrameDecoder()
        #expect(try plain.decode(bytes).allSatisfy { $0.bytes.first != 10 })
    }

    @Test func `what is no frame is refused`() {
        for bytes: [UInt8] in [
            [3, 0, 0, 0, 0, 0, 0, 1, 65], [1, 1, 0, 0, 0, 0, 0, 1, 65], Array("plain text".utf8),
            [1, 0, 0, 0, 255, 255, 255, 255], [1, 0, 0, 0, 0, 16, 0, 1],
        ] {
            var decoder = LogFrameDecoder()
            #expect(throws: LogFrameDecoder.Failure.self) { try decoder.decode(bytes) }
        }
    }

    @Test func `a broken end is seen`() throws {
        var decoder = LogFrameDecoder()
        #expect(try decoder.decode([1, 0, 0, 0, 0, 0, 0, 2, 65]).isEmpty)
        #expect(!decoder.isAtBoundary)
    }

    @Test func `random bytes are read without a fault`() {
        let random = SystemRandomSource()
        for _ in 0..<5000 {
            var decoder = LogFrameDecoder()
            let bytes = (0..<64).map { _ in
                [0, 1, 2, 8, 32, 46, 50, 84, 90, 255][Int(random.next(below: 10))] as UInt8
            }
            _ = try? decoder.decode(bytes)
        }
    }

    @Test func `times are read as Timestamp reads them`() throws {
        var reader = LogTimeReader()
        let times = [
            "2026-11-21T09:30:11Z", "2026-11-21T09:30:11.5Z", "2026-11-21T09:30:11.123456789Z",
            "2026-11-21T09:30:11.000001+02:00", "2026-11-21T09:30:12.9Z", "2026-11-21T09:30:12.9-00:30",
        ]
        for text in times {
            #expect(reader.read(Array(text.utf8)[...]) == Timestamp(parsing: text), "\(text)")
        }
        for text in [
            "", "2026-11-21", "2026-11-21T09:30:12.Z", "2026-11-21T09:30:12.9", "2026-11-21T09:30:12.9ZZ",
            "xxxxxxxxxxxxxxxxxxx.5Z",
        ] {
            #expect(reader.read(Array(text.utf8)[...]) == nil, "\(text)")
        }
    }

    @Test func `a log begun again gives what was not read, and nothing twice`() throws {
        func entry(_ stream: UInt8, _ second: String, _ text: String) -> [UInt8] {
            Self.frame(stream, Array("2026-11-21T09:30:\(second)Z \(text)".utf8))
        }
        let read = entry(1, "11.5", "a") + entry(1, "12.5", "b") + entry(1, "12.5", "c")
        // An entry of the other stream may be a moment older than the last that was read.
        let rest = entry(2, "12.4", "e") + entry(1, "12.5", "d") + entry(1, "13", "f")
        var decoder = LogFrameDecoder()
        let first = try decoder.decode(read + rest.prefix(5))
        #expect(first.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a", "b", "c"])
        #expect(decoder.beginAgain() == Timestamp(parsing: "2026-11-21T09:30:11.5Z"))
        // What is older than the first that was read was not asked for.
        let again = try decoder.decode(entry(2, "11.4", "old") + read + rest)
        #expect(again.map { String(decoding: $0.bytes, as: UTF8.self) } == ["e", "d", "f"])
        #expect(decoder.isAtBoundary)
    }

    @Test func `reading goes on behind any entry, those of one moment too`() throws {
        let times = ["11.1", "11.2", "11.2", "11.2000001", "11.15", "11.2", "11.3", "19.0"]
        let entries = times.enumerated().map { index, time in
            Self.frame(UInt8(1 + index % 2), Array("2026-11-21T09:30:\(time)Z \(index)\n".utf8))
        }
        var decoder = LogFrameDecoder()
        let all = try decoder.decode(entries.flatMap(\.self))
        #expect(all.count == times.count)
        for index in all.indices {
            var decoder = LogFrameDecoder(after: LogPlace(try #require(all[index].end)))
            let rest = try decoder.decode(entries.flatMap(\.self))
            #expect(rest.map(\.bytes) == all[(index + 1)...].map(\.bytes), "behind entry \(index)")
            #expect(rest.map(\.end) == all[(index + 1)...].map(\.end))
        }
        // The entry was rotated away: what is much later is given, rather than nothing.
        var gone = LogFrameDecoder(after: LogPlace(try #require(all[6].end) + 1))
        #expect(try gone.decode(entries[7]).count == 1)
    }
}

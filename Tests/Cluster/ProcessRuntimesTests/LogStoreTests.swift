import Core
import Glibc
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

struct LogStoreTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/apollo-log-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? deleteTree(directory) }
        try body(directory)
    }

    private func append(
        _ writer: LogWriter, _ text: String, _ kind: LogFormat.Kind = .stdout, at time: Int64 = 0
    ) {
        Array(text.utf8).withUnsafeBytes { writer.append(kind, $0, at: Timestamp(microseconds: time)) }
    }

    private func all(_ directory: String) -> [LogRecord] {
        var cursor = SegmentCursor(directory: directory)
        var records: [LogRecord] = []
        while case let more = cursor.next(), !more.isEmpty { records += more }
        return records
    }

    private func text(_ records: [LogRecord]) -> String {
        String(decoding: records.flatMap(\.bytes), as: UTF8.self)
    }

    private func size(_ directory: String) throws -> Int64 {
        try LogFormat.segments(in: directory).reduce(0) {
            $0 + (try Descriptor.open(LogFormat.path(of: $1, in: directory), O_RDONLY).size ?? 0)
        }
    }

    @Test func `nothing is made before something is written`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory + "/x", limit: 1 << 20)
            #expect(names(in: directory) == [])
            append(writer, "a")
            #expect(names(in: directory + "/x") == ["log.1"])
            LogWriter.remove(directory: directory + "/x")
            #expect(names(in: directory) == [])
        }
    }

    @Test func `output comes back in order, with stream and time`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 1 << 20)
            append(writer, "one", at: 5)
            append(writer, "two", .stderr, at: 3)  // the clock went back; the record does not
            #expect(
                all(directory).map(\.placeless) == [
                    LogRecord(stream: .stdout, time: Timestamp(microseconds: 5), bytes: Array("one".utf8)),
                    LogRecord(stream: .stderr, time: Timestamp(microseconds: 5), bytes: Array("two".utf8)),
                ])
        }
    }

    @Test func `the oldest output goes when there is too much, and that is said`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            for number in 0..<40_000 { append(writer, "line \(number)\n") }
            let stored = try size(directory)
            #expect(stored <= 64 << 10)
            let records = all(directory)
            let note = text([records[0]])
            #expect(note.hasPrefix("[apollo: ") && note.contains("dropped"))
            #expect(text(records).hasSuffix("line 39999\n"))
            let lines = text(Array(records.dropFirst())).split(separator: "\n")
            let first = try #require(lines.first.flatMap { Int($0.dropFirst(5)) })
            #expect(lines.count == 40_000 - first, "what is left has a hole")
        }
    }

    @Test func `one write larger than a segment stays within the limit`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            append(writer, String(repeating: "x", count: 1 << 20))
            let stored = try size(directory)
            #expect(stored <= 64 << 10)
        }
    }

    @Test func `a reader that is overtaken by the limit goes on and says so`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            append(writer, "first\n")
            var cursor = SegmentCursor(directory: directory)
            #expect(text(cursor.next()) == "first\n")
            for number in 0..<40_000 { append(writer, "line \(number)\n") }
            var rest: [LogRecord] = []
            while case let more = cursor.next(), !more.isEmpty { rest += more }
            #expect(text(rest).contains("older output were dropped"))
            #expect(text(rest).hasSuffix("line 39999\n"))
            #expect(cursor.position == writer.position)
        }
    }

    @Test func `a tail reaches over segments and streams`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            for number in 0..<2000 { append(writer, "line \(number)\n", number % 2 == 0 ? .stdout : .stderr) }
            for count in [1, 2, 500, 1500] {
                var cursor = SegmentCursor(directory: directory)
                let lines = text(cursor.tail(count)).split(separator: "\n")
                #expect(lines.count == count)
                #expect(lines.first ?? "" == "line \(2000 - count)")
                #expect(cursor.next() == [], "the place is behind the tail")
                append(writer, "")
            }
        }
    }

    @Test func `reading goes on behind any record, in any segment, and is told what went meanwhile`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            for number in 0..<2000 { append(writer, "line \(number)\n", number % 2 == 0 ? .stdout : .stderr) }
            let records = all(directory)
            #expect(LogFormat.segments(in: directory).count > 3)
            for index in Array(stride(from: 0, to: records.count, by: 97)) + [records.count - 1] {
                var cursor = SegmentCursor(directory: directory)
                var rest = cursor.seek(to: UInt64(try #require(records[index].end)))
                while case let more = cursor.next(), !more.isEmpty { rest += more }
                #expect(rest == Array(records[(index + 1)...]), "behind record \(index)")
            }
            let early = UInt64(try #require(records[0].end))
            for number in 2000..<40_000 { append(writer, "line \(number)\n") }
            var cursor = SegmentCursor(directory: directory)
            #expect(text(cursor.seek(to: early)).contains("older output were dropped"))
            var late = SegmentCursor(directory: directory)
            #expect(late.seek(to: writer.position + 1000) == [] && late.next() == [])
        }
    }

    @Test func `dropped as a whole, output says how much there was, also to who goes on`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            for number in 0..<2000 { append(writer, "line \(number)\n") }
            writer.close()
            let place = UInt64(try #require(all(directory).last?.end))
            let drop = LogDrop(directory: directory)
            #expect(drop.size == place)
            try drop.drop(at: Timestamp(microseconds: 7))
            #expect(drop.size == 0 && LogFormat.segments(in: directory).count == 1)
            #expect(
                text(all(directory)) == "[apollo: \(LogFormat.amount(place)) of older output were dropped]\n")
            var cursor = SegmentCursor(directory: directory)
            #expect(cursor.seek(to: place) == [] && cursor.next() == [])
            try drop.drop(at: Timestamp(microseconds: 8))
            #expect(all(directory).count == 1)
        }
    }

    @Test func `what came before a time is skipped, whole segments too`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 64 << 10)
            for number in 0..<2000 { append(writer, "line \(number)\n", at: Int64(number)) }
            var cursor = SegmentCursor(directory: directory)
            cursor.skip(before: Timestamp(microseconds: 1900))
            #expect(cursor.position > 0)
            let first = try #require(cursor.next().first)
            #expect(first.time <= Timestamp(microseconds: 1900))
        }
    }

    @Test func `a record torn by a crash is not read, and cut off before more is written`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 1 << 20)
            append(writer, "whole\n", at: 1)
            append(writer, "torn by a crash\n", at: 2)
            let path = LogFormat.path(of: 1, in: directory)
            for cut in 1..<32 {
                try #require(truncate(path, off_t(LogFormat.headerSize + 22 + 32 - cut)) == 0)
                #expect(text(all(directory)) == "whole\n")
            }
            let next = LogWriter(directory: directory, limit: 1 << 20)
            next.resume()
            #expect(next.position == 22)
            append(next, "after\n", at: 0)
            #expect(text(all(directory)) == "whole\nafter\n")
            #expect(all(directory).map(\.time.microseconds) == [1, 1])
        }
    }

    @Test func `damage is said and reading goes on behind it`() throws {
        try withDirectory { directory in
            let writer = LogWriter(directory: directory, limit: 1 << 20)
            append(writer, "good\n")
            append(writer, "bad\n")
            let next = LogWriter(directory: directory, limit: 1 << 20)
            next.resume()
            append(next, "later\n")
            let file = try Descriptor.open(LogFormat.path(of: 1, in: directory), O_RDWR)
            var zero: [UInt8] = [0, 0, 0]
            try #require(pwrite(file.number, &zero, 3, off_t(LogFormat.headerSize + 21)) == 3)
            let found = text(all(directory))
            #expect(found.hasPrefix("good\n[apollo: damaged output was skipped]\n"))
            #expect(found.hasSuffix("later\n"))
        }
    }

    @Test func `hostile bytes end reading and nothing else`() {
        var random = SplitMix(state: 2)
        let good = LogFormat.recordHeader(.stdout, length: 3, time: Timestamp(microseconds: 1)) + [1, 2, 3]
        for _ in 0..<20_000 {
            var bytes = good + good
            for _ in 0..<Int.random(in: 1..<4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let parsed = LogFormat.records(in: bytes[...])
            #expect(parsed.consumed <= bytes.count)
        }
        let huge = LogFormat.recordHeader(.stderr, length: Int(UInt32.max), time: Timestamp(microseconds: 1))
        #expect(LogFormat.records(in: huge[...]).isDamaged)
        #expect(throws: WireError.self) {
            try LogFormat.SegmentHeader(parsing: [UInt8](repeating: 0, count: 32)[...])
        }
    }

    @Test func `output that found no room is counted, and said when there is room again`() throws {
        try withDirectory { directory in
            // A file where the directory should be: nothing can be made in it, not even by root.
            let blocked = directory + "/attempt"
            _ = try Descriptor.open(blocked, O_WRONLY | O_CREAT)
            let writer = LogWriter(directory: blocked, limit: 1 << 20)
            append(writer, "gone\n")
            append(writer, "gone too\n")
            #expect(writer.position == 0)
            unlink(blocked)
            append(writer, "kept\n")
            #expect(text(all(blocked)) == "[apollo: 14 bytes of output could not be stored]\nkept\n")
        }
    }

    @Test(arguments: [(0, ""), (1, "c"), (2, "b\nc"), (3, "a\nb\nc"), (9, "a\nb\nc")])
    func `the last lines are counted whatever the records`(_ count: Int, _ expected: String) {
        for cuts in [[5], [1, 1, 1, 1, 1], [2, 3], [0, 5], [4, 1]] {
            var rest = Array("a\nb\nc".utf8)[...]
            let records = cuts.map { cut in
                defer { rest = rest.dropFirst(cut) }
                return LogRecord(
                    stream: .stdout, time: Timestamp(microseconds: 0), bytes: Array(rest.prefix(cut)))
            }
            #expect(text(LineTail.last(count, of: records)) == expected)
        }
    }
}

extension LogRecord {
    fileprivate var placeless: LogRecord {
        var record = self
        record.end = nil
        return record
    }
}

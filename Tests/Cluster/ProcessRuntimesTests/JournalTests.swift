import ClusterModel
import Core
import Glibc
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

struct JournalTests {
    private func withPath(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/apollo-journal-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? deleteTree(directory) }
        try body(directory + "/journal")
    }

    private func id(_ number: UInt64) -> AttemptID {
        AttemptID(time: Timestamp(microseconds: 0), random: number)
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        try #require(try Descriptor.open(path, O_RDONLY).readAll(most: 1 << 24))
    }

    @Test func `what was written is known again`() throws {
        try withPath { path in
            let (journal, nothing) = try Journal.open(path)
            #expect(nothing.isEmpty)
            journal.append(Journal.boot("b1"))
            for number in 1...3 as ClosedRange<UInt64> {
                journal.append(Journal.started(id(number), Sample.record))
            }
            journal.append(Journal.ended(id(2), Sample.exit))
            journal.append(Journal.removed(id(3)))
            journal.append(Journal.ended(id(9), Sample.exit))  // of an attempt long gone
            journal.append(Journal.started(id(4), Sample.record))
            journal.flush { [] }
            let (_, known) = try Journal.open(path)
            #expect(known.keys.sorted() == [id(1), id(2), id(4)])
            #expect(known[id(1)] == Journal.Known(start: Sample.record, boot: "b1"))
            #expect(known[id(2)]?.exit == Sample.exit)
        }
    }

    @Test func `cut anywhere it still gives what was whole, and can be written on`() throws {
        try withPath { path in
            let (journal, _) = try Journal.open(path)
            journal.append(Journal.boot("b"))
            for number in 1...4 as ClosedRange<UInt64> {
                journal.append(Journal.started(id(number), Sample.record))
            }
            journal.flush { [] }
            let whole = try bytes(path)
            var last = 0
            for count in Journal.mark.count...whole.count {
                let (known, valid) = Journal.replay(Array(whole[..<count]))
                #expect(valid <= count && known.count >= last)
                last = known.count
            }
            #expect(last == 4)
            try #require(truncate(path, off_t(whole.count - 3)) == 0)
            let (again, known) = try Journal.open(path)
            #expect(known.count == 3)
            again.append(Journal.removed(id(1)))
            again.flush { [] }
            #expect(try Journal.open(path).known.keys.sorted() == [id(2), id(3)])
        }
    }

    @Test func `damaged bytes never give what was not written`() throws {
        try withPath { path in
            let (journal, _) = try Journal.open(path)
            journal.append(Journal.boot("b"))
            for number in 1...4 as ClosedRange<UInt64> {
                journal.append(Journal.started(id(number), Sample.record))
            }
            journal.flush { [] }
            let whole = try bytes(path)
            for index in whole.indices {
                var damaged = whole
                damaged[index] ^= 0x55
                for entry in Journal.replay(damaged).known.values { #expect(entry.start == Sample.record) }
            }
        }
    }

    @Test func `a file that is no journal is set aside, not destroyed`() throws {
        try withPath { path in
            let file = try Descriptor.open(path, O_WRONLY | O_CREAT)
            try file.writeAll(Array("something precious".utf8), to: path)
            #expect(try Journal.open(path).known.isEmpty)
            #expect(try bytes(path + ".damaged") == Array("something precious".utf8))
        }
    }

    @Test func `it is written anew when most of it is past`() throws {
        try withPath { path in
            let (journal, _) = try Journal.open(path, slack: 4096)
            for number in 1...1000 as ClosedRange<UInt64> {
                journal.append(Journal.started(id(number), Sample.record))
                journal.append(Journal.removed(id(number)))
                journal.flush { [Journal.boot("b"), Journal.started(id(7777), Sample.record)] }
            }
            #expect(try bytes(path).count < 16384)
            let known = try Journal.open(path).known
            #expect(known[id(7777)]?.boot == "b")
        }
    }
}

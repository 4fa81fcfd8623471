import ClusterModel
import Core
import Glibc
import TaskRuntimes
import Testing

@testable import ProcessRuntimes

struct SharedOutputTests {
    /// Where a launcher keeps output, gone at the end.
    private struct Place {
        let root: String
        var shared: String { root + "/output" }

        func directory(_ attempt: AttemptID) -> String { root + "/" + attempt.text }

        func writer(_ attempt: AttemptID, _ store: SharedOutput, limit: UInt64 = 1 << 20) -> LogWriter {
            LogWriter(directory: directory(attempt), limit: limit, shared: (store, attempt))
        }

        func read(_ attempt: AttemptID) -> String {
            var cursor = SegmentCursor(directory: directory(attempt))
            var bytes: [UInt8] = []
            while case let more = cursor.next(), !more.isEmpty { bytes += more.flatMap(\.bytes) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func withPlace(_ body: (Place) throws -> Void) throws {
        var template = Array("/tmp/apollo-shared-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? deleteTree(directory) }
        try body(Place(root: directory))
    }

    private func attempt(_ number: UInt64) -> AttemptID {
        AttemptID(time: Timestamp(microseconds: 0), random: number)
    }

    private func count(_ directory: String) -> Int { (names(in: directory) ?? []).count }

    private func append(_ writer: LogWriter, _ text: String, at time: Int64 = 0) {
        Array(text.utf8).withUnsafeBytes { writer.append(.stdout, $0, at: Timestamp(microseconds: time)) }
    }

    @Test func `what many attempts write first is in one file, and each has its own when it is read`() throws
    {
        try withPlace { place in
            let store = SharedOutput(directory: place.shared)
            let writers = (0..<50).map { place.writer(attempt($0), store) }
            for round in 0..<2 {
                for (number, writer) in writers.enumerated() { append(writer, "\(number) \(round)\n", at: 7) }
            }
            #expect(names(in: place.root) == ["output"] && names(in: place.shared) == ["1"])
            #expect(SharedOutput.sizes(in: place.shared)[attempt(3)] == 2 * (16 + 4))
            #expect(place.read(attempt(3)) == "")
            #expect(writers[3].moveOut())
            #expect(place.read(attempt(3)) == "3 0\n3 1\n")
            var cursor = SegmentCursor(directory: place.directory(attempt(3)))
            #expect(
                cursor.next().map { $0.time.microseconds } == [7, 7] && cursor.position == writers[3].position
            )
            append(writers[3], "more\n")
            #expect(place.read(attempt(3)) == "3 0\n3 1\nmore\n")
            #expect(count(place.root) == 2)
        }
    }

    @Test func `an attempt that writes much gets files of its own, and nothing is lost on the way`() throws {
        try withPlace { place in
            let store = SharedOutput(directory: place.shared)
            let (long, wide) = (place.writer(attempt(1), store), place.writer(attempt(2), store))
            var expected = ""
            for number in 0..<1000 {
                append(long, "line \(number)\n")
                expected += "line \(number)\n"
            }
            #expect(place.read(attempt(1)) == expected)
            let text = String(repeating: "x", count: 100_000)
            append(wide, text)
            #expect(place.read(attempt(2)) == text)
        }
    }

    @Test func `one that is read before it writes has files of its own from the first byte`() throws {
        try withPlace { place in
            let writer = place.writer(attempt(1), SharedOutput(directory: place.shared))
            #expect(writer.moveOut())
            append(writer, "first\n")
            #expect(place.read(attempt(1)) == "first\n")
        }
    }

    @Test func `the next launcher finds it, whole or moved, and goes on`() throws {
        try withPlace { place in
            let before = SharedOutput(directory: place.shared)
            let (kept, moved) = (place.writer(attempt(1), before), place.writer(attempt(2), before))
            append(kept, "kept\n", at: 9)
            append(moved, "moved\n")
            moved.moveOut()
            append(moved, "after\n")

            let store = SharedOutput(directory: place.shared)
            let (first, second) = (place.writer(attempt(1), store), place.writer(attempt(2), store))
            first.resume()
            second.resume()
            store.forgetRest()
            #expect(first.position == kept.position && second.position == moved.position)
            append(first, "on\n", at: 1)
            append(second, "on\n")
            #expect(first.moveOut() && second.moveOut())
            #expect(place.read(attempt(1)) == "kept\non\n")
            #expect(place.read(attempt(2)) == "moved\nafter\non\n")
            var cursor = SegmentCursor(directory: place.directory(attempt(1)))
            #expect(cursor.next().map { $0.time.microseconds } == [9, 9])
        }
    }

    @Test func `files go when nothing in them is needed`() throws {
        try withPlace { place in
            let store = SharedOutput(directory: place.shared, fileSize: 256)
            let writers = (0..<20).map { place.writer(attempt($0), store) }
            for writer in writers { append(writer, "some output of it\n") }
            let all = count(place.shared)
            #expect(all > 4)
            for writer in writers[..<10] { writer.remove() }
            #expect(count(place.shared) < all)
            #expect(names(in: place.root) == ["output"])
            for writer in writers[10...] { writer.moveOut() }
            #expect(count(place.shared) == 1)
            #expect((10..<20).allSatisfy { place.read(attempt($0)) == "some output of it\n" })

            // What nobody asks for any more goes with the launcher.
            SharedOutput(directory: place.shared).forgetRest()
            #expect(names(in: place.shared) == [])
        }
    }

    @Test func `an entry torn by a crash is not read`() throws {
        try withPlace { place in
            let store = SharedOutput(directory: place.shared)
            append(place.writer(attempt(1), store), "whole\n")
            append(place.writer(attempt(2), store), "torn\n")
            let path = place.shared + "/1"
            let size = try #require(try Descriptor.open(path, O_RDONLY).size)
            for cut in 1..<40 {
                try #require(truncate(path, off_t(size - Int64(cut))) == 0)
                #expect(Set(SharedOutput.sizes(in: place.shared).keys) == [attempt(1)])
            }
            let next = SharedOutput(directory: place.shared)
            let writer = place.writer(attempt(1), next)
            writer.resume()
            #expect(writer.moveOut())
            #expect(place.read(attempt(1)) == "whole\n")
        }
    }

    @Test func `hostile bytes end reading and nothing else`() throws {
        try withPlace { place in
            let store = SharedOutput(directory: place.shared)
            for number in 0..<4 { append(place.writer(attempt(UInt64(number)), store), "output\n") }
            let good = try #require(try Descriptor.open(place.shared + "/1", O_RDONLY).readAll(most: 1 << 20))
            var random = SplitMix(state: 3)
            for _ in 0..<5000 {
                var bytes = good
                for _ in 0..<Int.random(in: 1..<4, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                        in: 0...255, using: &random)
                }
                for (_, piece) in SharedOutput.entries(in: bytes, of: 1) {
                    #expect(piece.offset + Int64(piece.length) <= Int64(bytes.count))
                }
            }
        }
    }

    @Test func `output that found no room is counted, and said when there is room again`() throws {
        try withPlace { place in
            // A file where the directory should be: nothing can be made in it, not even by root.
            _ = try Descriptor.open(place.shared, O_WRONLY | O_CREAT)
            let writer = place.writer(attempt(1), SharedOutput(directory: place.shared))
            append(writer, "gone\n")
            #expect(writer.position == 0)
            unlink(place.shared)
            append(writer, "kept\n")
            #expect(writer.moveOut())
            #expect(place.read(attempt(1)) == "[apollo: 5 bytes of output could not be stored]\nkept\n")
        }
    }
}

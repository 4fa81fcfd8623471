import ClusterModel
import Core
import TaskRuntimes
import Testing

@testable import Workers

@Suite("Limits of what attempts have on disk")
struct DiskLimitTests {
    private let attempt = AttemptID(time: Timestamp(microseconds: 0), random: 1)

    private func size(_ bytes: Int64, _ obstacle: String? = nil) -> DirectoryTree.Size {
        var size = DirectoryTree.Size()
        (size.bytes, size.obstacle) = (bytes, obstacle)
        return size
    }

    @Test func `who keeps to it runs on, and who does not is ended once and told why`() {
        let limits = DiskLimits()
        limits.watch(attempt, on: .process, limit: .mebibytes(2))
        #expect(!limits.exceeds(attempt, size(2 << 20)))
        #expect(limits.watched.map(\.attempt) == [attempt])
        #expect(limits.exceeds(attempt, size(3 << 20)))
        #expect(!limits.exceeds(attempt, size(4 << 20)))
        #expect(limits.watched.isEmpty)
        // A list of what runs, made a moment ago, changes nothing about it.
        limits.watch(attempt, on: .process, limit: .mebibytes(2))
        #expect(limits.end(attempt) == "used 3Mi of disk, more than its limit of 2Mi")
        #expect(limits.end(attempt) == nil)
    }

    @Test func `what cannot be counted counts as too much`() {
        let limits = DiskLimits()
        limits.watch(attempt, on: .process, limit: .mebibytes(2))
        #expect(limits.exceeds(attempt, size(1, "there are more than 10 files")))
        #expect(limits.end(attempt)?.contains("there are more than 10 files") == true)
    }

    @Test func `without one nothing is looked at`() {
        let limits = DiskLimits()
        limits.watch(attempt, on: .process, limit: nil)
        #expect(limits.watched.isEmpty)
        #expect(limits.end(attempt) == nil)
    }
}

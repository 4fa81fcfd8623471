import Core
import Glibc
import Testing

@testable import EventLoops

struct EventSourceTests {
    private func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func `a pipe is readable once something is written, and again while something is left`()
        async throws
    {
        let (reader, writer) = try pipe()
        defer { close(writer) }
        try await withLoops { group in
            let source = try await EventSource.watching(reader, on: group.loops[0])
            let waiting = Shared(true)
            try await withThrowingTaskGroup(of: Void.self) { children in
                children.addTask {
                    try await source.readable()
                    waiting.set(false)
                }
                #expect(waiting.value)
                write(writer, "ab", 2)
                try await children.waitForAll()
            }
            var byte: UInt8 = 0
            read(reader, &byte, 1)
            // One byte is left: no new edge comes, and yet it is readable.
            try await source.readable()
            await source.close()
        }
    }

    @Test func `the end of a pipe counts as readable`() async throws {
        let (reader, writer) = try pipe()
        try await withLoops { group in
            close(writer)
            try await group.loops[0].readable(reader)
            close(reader)
        }
    }

    @Test func `cancelling and closing end a wait`() async throws {
        let (reader, writer) = try pipe()
        defer { close(writer) }
        try await withLoops { group in
            let loop = group.loops[0]
            let source = try await EventSource.watching(reader, on: loop)
            let outcome = Shared<SocketError?>(nil)
            let cancelled = loop.spawn {
                do throws(SocketError) { try await source.readable() } catch { outcome.set(error) }
            }
            cancelled.cancel()
            await cancelled.value
            #expect(outcome.value == .cancelled)

            let closed = loop.spawn {
                do throws(SocketError) { try await source.readable() } catch { outcome.set(error) }
            }
            await source.close()
            await closed.value
            #expect(outcome.value == .closed)
        }
    }

    @Test func `a plain file cannot be watched, and the error says so`() async throws {
        try await withLoops { group in
            let file = open("/etc/passwd", O_RDONLY)
            defer { close(file) }
            do {
                _ = try await EventSource.watching(file, on: group.loops[0])
                Issue.record("a plain file was watched")
            } catch {
                #expect(error as? SocketError == .system("watch a descriptor", EPERM))
            }
        }
    }
}

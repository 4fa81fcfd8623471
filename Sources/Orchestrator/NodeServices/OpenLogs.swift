import Concurrency
import NodeMessages
import RPCModel
import Synchronization
import TaskRuntimes

/// The logs that managers read just now, by numbers.
final class OpenLogs: Sendable {
    private struct Entry {
        var reader: any LogReader
        var rest: [LogRecord] = []
        var isBusy = false
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())
    private static let limit = 1000
    /// The most bytes of output in one answer, so that it stays well below what a message may have.
    private static let pieceLimit = 1 << 20

    func add(_ reader: any LogReader) throws -> UInt64 {
        try state.withLock { state in
            guard state.entries.count < Self.limit else {
                throw RPCError(
                    .resourceExhausted, "\(Self.limit) logs are being read on this machine",
                    hint: "try again when some readers are done")
            }
            state.last += 1
            state.entries[state.last] = Entry(reader: reader)
            return state.last
        }
    }

    /// The next records, at most a message full of them; none at the end.
    func next(_ number: UInt64) async throws -> [LogRecord] {
        let (reader, rest) = try begin(number)
        var records = rest
        do {
            if records.isEmpty { records = try await reader.next() ?? [] }
        } catch {
            finish(number, rest: [])
            throw error.asApolloError
        }
        var (taken, bytes) = (0, 0)
        while taken < records.count, taken == 0 || bytes + records[taken].bytes.count <= Self.pieceLimit {
            bytes += records[taken].bytes.count
            taken += 1
        }
        finish(number, rest: Array(records[taken...]))
        return Array(records[..<taken])
    }

    private func begin(_ number: UInt64) throws -> (any LogReader, [LogRecord]) {
        try state.withLock { state in
            guard let entry = state.entries[number] else {
                throw RPCError(.notFound, "no log is read under this number", hint: "open it again")
            }
            guard !entry.isBusy else {
                throw RPCError(.failedPrecondition, "the log is being read by another call")
            }
            state.entries[number]?.isBusy = true
            return (entry.reader, entry.rest)
        }
    }

    private func finish(_ number: UInt64, rest: [LogRecord]) {
        state.withLock { state in
            state.entries[number]?.isBusy = false
            state.entries[number]?.rest = rest
        }
    }

    func close(_ number: UInt64) async {
        let entry = state.withLock { $0.entries.removeValue(forKey: number) }
        await entry?.reader.close()
    }

    func closeAll() async {
        let entries = state.withLock { state in
            defer { state.entries = [:] }
            return Array(state.entries.values)
        }
        for entry in entries { await entry.reader.close() }
    }
}

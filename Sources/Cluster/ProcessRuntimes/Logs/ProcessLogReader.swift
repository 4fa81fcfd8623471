import Concurrency
import Core
import TaskRuntimes

/// Reads an attempt's output from its segments, and hears from the launcher when there is more.
actor ProcessLogReader: LogReader {
    /// How far the output goes; returns when it goes beyond the position given, or is complete.
    typealias Waiter = @Sendable (UInt64) async throws(RuntimeError) -> (position: UInt64, isComplete: Bool)

    private let executor: SharedExecutor
    private let query: LogQuery
    private let waitForOutput: Waiter
    private var cursor: SegmentCursor
    private var hasBegun = false
    private var isComplete = false
    private var isClosed = false
    /// The position up to which output was announced; it may be more than can be read after a crash.
    private var announced: UInt64 = 0

    init(directory: String, query: LogQuery, executor: SharedExecutor, waitForOutput: @escaping Waiter) {
        cursor = SegmentCursor(directory: directory)
        self.query = query
        self.executor = executor
        self.waitForOutput = waitForOutput
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.unowned }

    func next() async throws(RuntimeError) -> [LogRecord]? {
        while !isClosed {
            if Task.isCancelled { throw .cancelled }
            let batch = read()
            if !batch.isEmpty { return batch }
            guard query.follow, !isComplete else { return nil }
            let answer = try await waitForOutput(max(cursor.position, announced))
            announced = max(announced, answer.position)
            isComplete = answer.isComplete
        }
        return nil
    }

    func close() { isClosed = true }

    private func read() -> [LogRecord] {
        if !hasBegun {
            hasBegun = true
            if let offset = query.offset {
                let records = wanted(cursor.seek(to: UInt64(clamping: offset)))
                if !records.isEmpty { return records }
            } else if let tail = query.tail {
                let records = wanted(cursor.tail(tail))
                if !records.isEmpty { return records }
            } else if let since = query.since {
                cursor.skip(before: since)
            }
        }
        while true {
            let records = cursor.next()
            if records.isEmpty { return [] }
            let chosen = wanted(records)
            if !chosen.isEmpty { return chosen }
        }
    }

    private func wanted(_ records: [LogRecord]) -> [LogRecord] {
        guard let since = query.since else { return records }
        return records.filter { $0.time >= since }
    }
}

/// A thread shared by those that read files, which ends with the last of them.
final class SharedExecutor: Sendable {
    private let executor: ThreadExecutor

    init(name: String) { executor = ThreadExecutor(name: name) }

    deinit { executor.stop() }

    var unowned: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}

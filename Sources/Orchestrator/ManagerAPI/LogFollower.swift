import APIMessages
import ClusterModel
import Concurrency
import Core
import HTTPRouting
import Managers
import TaskDecisions
import TaskRuntimes
import Workers

/// Which attempts' output is wanted.
enum LogAttempts: Hashable, Sendable {
    /// The latest, and when following those after it.
    case latest
    case one(Int)
    /// This one and those after it, as far as they are kept.
    case from(Int)
}

/// Reads a task's output, attempt after attempt, as lines of JSON.
struct LogFollower {
    let manager: Manager
    let task: TaskID
    let query: LogQuery
    let attempts: LogAttempts
    /// Server-sent events, whose ids are places to go on from, rather than lines.
    var givesEvents = false

    /// Throws where there is nothing to read and never will be, before anything is answered.
    func check() throws {
        guard case .one(let number) = attempts, let record = manager.record(task) else { return }
        if number > record.attemptCount && query.follow { return }
        guard record.attempts.contains(where: { $0.number == number }) else {
            let kept = record.attempts.map { "\($0.number)" }.joined(separator: ", ")
            throw ApolloError(
                .notFound, "\(record.name) has no attempt \(number)",
                hint: kept.isEmpty ? "it has none yet" : "it has \(kept)")
        }
    }

    func run(into pieces: Mailbox<[UInt8]>) async throws {
        try await readAll(into: pieces)
        // Else a browser would come again and again for more.
        if givesEvents { try await pieces.sendWaiting(ServerSentEvent(event: "end", data: "{}").bytes) }
    }

    private static func event(_ line: LogLine) -> [UInt8] {
        ServerSentEvent(
            event: "output", id: line.offset.map { "\(line.attempt):\($0)" },
            data: String(decoding: line.json, as: UTF8.self)
        ).bytes
    }

    private func readAll(into pieces: Mailbox<[UInt8]>) async throws {
        var query = query
        var wanted = attempts
        while let (record, next) = try await attempt(wanted) {
            try await read(next, of: record, query, into: pieces)
            switch attempts {
            case .one: return
            case .latest: guard query.follow else { return }
            case .from: break
            }
            wanted = .from(next.number + 1)
            // The attempts after the first are wanted from their beginning.
            query.tail = nil
            query.offset = nil
        }
    }

    /// The first attempt that is wanted, once it can be read; nil when there will be none.
    private func attempt(_ wanted: LogAttempts) async throws -> (TaskRecord, Attempt)? {
        func find(_ record: TaskRecord) -> Attempt? {
            switch wanted {
            case .latest: record.current
            case .one(let number): record.attempts.first { $0.number == number }
            // Those between may be gone already: only so many are kept.
            case .from(let number): record.attempts.first { $0.number >= number }
            }
        }
        guard query.follow else {
            guard let record = manager.record(task) else { return nil }
            guard let found = find(record) else { return nil }
            return (record, found)
        }
        guard let watch = manager.watch(task) else { return nil }
        let snapshot = try await watch.first { view in
            guard let record = view.record else { return true }
            guard let found = find(record) else { return record.state.isFinal }
            // While it is being started there may be nothing to read from yet.
            return found.state != .starting
        }
        guard let record = snapshot?.state.record, let found = find(record) else { return nil }
        return (record, found)
    }

    private func read(
        _ attempt: Attempt, of record: TaskRecord, _ query: LogQuery, into pieces: Mailbox<[UInt8]>
    ) async throws {
        guard let connection = manager.connection(to: attempt.node) else {
            throw ApolloError(
                .unavailable, "the node that has the output is not connected", hint: "try again later")
        }
        // An attempt that never started has written nothing.
        if attempt.startedAt == nil, attempt.state == .ended { return }
        let place = AttemptPlace(
            task: record.id, attempt: attempt.id, node: attempt.node, runtime: record.spec.runtime)
        let reader: any LogReader
        do {
            reader = try await connection.logs(place, query)
        } catch RuntimeError.unknownAttempt {
            throw ApolloError(.notFound, "the output of attempt \(attempt.number) of \(record.name) is gone")
        } catch let error as RuntimeError {
            throw error.asApolloError
        }
        do {
            while let batch = try await reader.next() {
                var lines: [UInt8] = []
                for record in batch {
                    let stream: LogLine.Stream = record.stream == .stdout ? .stdout : .stderr
                    let line = LogLine(
                        stream: stream, time: record.time, attempt: attempt.number, bytes: record.bytes,
                        offset: record.end)
                    lines += givesEvents ? Self.event(line) : line.json + [UInt8(ascii: "\n")]
                }
                try await pieces.sendWaiting(lines)
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }
}

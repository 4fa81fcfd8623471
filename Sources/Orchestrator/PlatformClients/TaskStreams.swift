import APIClients
public import APIMessages
public import ClusterModel
import Core
import Documents
import HTTPClients

/// A task's states as they come.
public struct TaskEvents: ~Copyable, Sendable {
    /// What a watcher is told.
    public enum Event: Hashable, Sendable {
        case state(TaskRecord)
        /// What the start is busy with.
        case progress(StartProgress)
    }

    private let body: AnswerBody
    private var decoder = ServerSentEventDecoder(limit: 16 << 20)
    private var waiting: ArraySlice<ServerSentEvent> = []

    init(body: AnswerBody) { self.body = body }

    /// The next event, or nil when the task is finished or removed.
    public mutating func next() async throws -> Event? {
        while true {
            while let event = waiting.popFirst() {
                if let event = try Self.read(event) { return event }
            }
            guard let bytes = try await body.next() else { return nil }
            waiting = try decoder.decode(bytes)[...]
        }
    }

    private static func read(_ event: ServerSentEvent) throws -> Event? {
        switch event.type {
        case "state": return .state(try JSONReader.decode(TaskRecord.self, from: event.data.utf8))
        case "progress": return .progress(try JSONReader.decode(StartProgress.self, from: event.data.utf8))
        default: return nil  // A newer platform may tell more.
        }
    }
}

/// A task's output as it comes.
public struct LogLines: ~Copyable, Sendable {
    private let body: AnswerBody
    private var decoder = LineDecoder(limit: 16 << 20)

    init(body: AnswerBody) { self.body = body }

    /// The next lines, or nil at the end.
    public mutating func next() async throws -> [LogLine]? {
        while let bytes = try await body.next() {
            var lines: [LogLine] = []
            // An empty line is a sign of life.
            for line in try decoder.decode(bytes) where !line.isEmpty {
                lines.append(try JSONReader.decode(LogLine.self, from: line))
            }
            if !lines.isEmpty { return lines }
        }
        return nil
    }
}

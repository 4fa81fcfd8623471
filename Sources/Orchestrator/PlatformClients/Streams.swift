public import APIMessages
public import ClusterModel
import Core
import Documents
import HTTPClients
import HTTPModel

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

/// The body of an answer as it comes; what breaks it off is told as everyone's error.
struct AnswerBody: Sendable {
    let reader: any HTTPBodyReader
    /// Who answers.
    let address: String

    func next() async throws -> [UInt8]? { try await told { try await reader.next() } }

    func collect(upTo limit: Int) async throws -> [UInt8] {
        try await told { try await reader.collect(upTo: limit) }
    }

    private func told<Result>(_ read: () async throws -> Result) async throws -> Result {
        do {
            return try await read()
        } catch let error as HTTPClientError {
            var failure = error.asApolloError
            if failure.kind == .unavailable {
                failure.message = "the platform at \(address) is gone: \(failure.message)"
                failure.hint = "tasks run on; start it again with 'apollo up', then ask again"
            }
            throw failure
        }
    }
}

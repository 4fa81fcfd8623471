import APIClients
public import APIMessages
public import ClusterModel
import Core
import Documents
import HTTPClients

/// What changes on a platform, as it comes; see `GET /api/v1/events`.
public struct PlatformEvents: ~Copyable, Sendable {
    /// A change, and the JSON it came as.
    public struct Change: Hashable, Sendable {
        public enum Subject: Hashable, Sendable {
            case task(TaskRecord)
            case removedTask(id: String, project: String)
            case job(JobNews)
            case removedJob(name: String, project: String)
            case node(Node)
            /// The manager that leads, of several: told at the beginning.
            case leader(ManagerDescription)
            /// So many changes came faster than they were read.
            case missed(Int)
        }

        /// What a line about a job says.
        public struct JobNews: Hashable, Sendable, Decodable {
            public var name: String
            public var project: String
            public var state: String
            public var reason: String
        }

        public var subject: Subject
        /// The event's name, such as `task`.
        public var event: String
        public var json: String
    }

    private struct Removal: Decodable {
        var id: String
        var name: String?
        var project: String
    }

    private struct Missed: Decodable { var count: Int }

    private let body: AnswerBody
    private var decoder = ServerSentEventDecoder(limit: 16 << 20)
    private var waiting: ArraySlice<ServerSentEvent> = []

    init(body: AnswerBody) { self.body = body }

    /// The next change, or nil when the platform ends.
    public mutating func next() async throws -> Change? {
        while true {
            while let event = waiting.popFirst() {
                if let subject = try Self.read(event) {
                    return Change(subject: subject, event: event.type, json: event.data)
                }
            }
            guard let bytes = try await body.next() else { return nil }
            waiting = try decoder.decode(bytes)[...]
        }
    }

    private static func read(_ event: ServerSentEvent) throws -> Change.Subject? {
        let data = event.data.utf8
        switch event.type {
        case "task": return .task(try JSONReader.decode(TaskRecord.self, from: data))
        case "task-removed":
            let removal = try JSONReader.decode(Removal.self, from: data)
            return .removedTask(id: removal.id, project: removal.project)
        case "job": return .job(try JSONReader.decode(Change.JobNews.self, from: data))
        case "job-removed":
            let removal = try JSONReader.decode(Removal.self, from: data)
            return .removedJob(name: removal.name ?? removal.id, project: removal.project)
        case "node": return .node(try JSONReader.decode(Node.self, from: data))
        case "leader": return .leader(try JSONReader.decode(ManagerDescription.self, from: data))
        case "missed": return .missed(try JSONReader.decode(Missed.self, from: data).count)
        default: return nil  // `ready`, and what a newer platform may tell.
        }
    }
}

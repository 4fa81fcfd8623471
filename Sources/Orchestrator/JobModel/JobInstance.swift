public import ClusterModel
public import Core
public import Documents

/// One task that a job has made.
public struct JobInstance: Hashable, Sendable, Codable {
    public enum Phase: String, Hashable, Sendable, Codable, CaseIterable {
        /// Decided and stored; its task may not be there yet.
        case planned
        case active
        case stopping
        case completed, failed, stopped

        public var isOver: Bool { self == .completed || self == .failed || self == .stopped }
    }

    /// Chosen before the task is made, so that making it twice makes one.
    public var task: TaskID
    public var name: String
    public var group: String
    /// From 0: which of the array it is, or which place of a service it takes.
    public var index: Int
    /// The name of the node it is for; with system jobs alone.
    public var node: String?
    /// The job's version whose template it was made of.
    public var version: Int
    /// Which run of a cron job it is of.
    public var run: Int?
    /// From 1: counts the tries of this index.
    public var attempt: Int
    public var phase: Phase
    public var createdAt: Timestamp
    public var runningSince: Timestamp?
    /// Since when it does its work: since it runs, or for one with a health check, since it is healthy.
    public var readySince: Timestamp?
    public var endedAt: Timestamp?
    public var exitCode: Int32?
    /// Why it is where it is.
    public var reason: String
    /// When a task that could not be made is tried again.
    public var notBefore: Timestamp?

    public init(
        task: TaskID, name: String, group: String, index: Int, node: String? = nil, version: Int,
        attempt: Int = 1, createdAt: Timestamp
    ) {
        self.task = task
        self.name = name
        self.group = group
        self.index = index
        self.node = node
        self.version = version
        self.attempt = attempt
        phase = .planned
        self.createdAt = createdAt
        reason = "is being started"
    }
}

extension JobInstance {
    /// Writes the bytes that ``JSONWriter/bytes(encodingInOrder:)`` makes of it; by hand, for a large job has many.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("task", task.text)
        writer.member("name", name)
        writer.member("group", group)
        writer.member("index", Int64(index))
        if let node { writer.member("node", node) }
        writer.member("version", Int64(version))
        if let run { writer.member("run", Int64(run)) }
        writer.member("attempt", Int64(attempt))
        writer.member("phase", phase.rawValue)
        writer.member("createdAt", createdAt.description)
        if let runningSince { writer.member("runningSince", runningSince.description) }
        if let readySince { writer.member("readySince", readySince.description) }
        if let endedAt { writer.member("endedAt", endedAt.description) }
        if let exitCode { writer.member("exitCode", Int64(exitCode)) }
        writer.member("reason", reason)
        if let notBefore { writer.member("notBefore", notBefore.description) }
        writer.endObject()
    }
}

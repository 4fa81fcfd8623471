public import Core
public import Documents

/// Where one instance of a job's task answers, while it is ready.
public struct ServiceEndpoint: Hashable, Sendable, Codable {
    /// A port that it is reached by.
    public struct Port: Hashable, Sendable, Codable {
        public var name: String?
        /// What the task listens on.
        public var container: UInt16
        /// What others connect to.
        public var port: UInt16
        /// The address of the node that it is bound to; all of them for `0.0.0.0` and `::`.
        public var address: String
        public var transport: PortMapping.Transport

        public init(
            name: String?, container: UInt16, port: UInt16, address: String, transport: PortMapping.Transport
        ) {
            self.name = name
            self.container = container
            self.port = port
            self.address = address
            self.transport = transport
        }
    }

    /// The task's.
    public var id: TaskID
    public var attempt: AttemptID
    /// The task's name.
    public var name: String
    /// Which of the job's tasks it is an instance of.
    public var task: String
    public var job: String
    public var project: String
    /// The node's name.
    public var node: String
    public var nodeID: NodeID
    /// Where the node is reached.
    public var address: String
    public var ports: [Port]

    private enum CodingKeys: String, CodingKey {
        case id, attempt, name, task, job, project, node, address, ports
        case nodeID = "nodeId"
    }

    public init(
        id: TaskID, attempt: AttemptID, name: String, task: String, job: String, project: String,
        node: String, nodeID: NodeID, address: String, ports: [Port]
    ) {
        self.id = id
        self.attempt = attempt
        self.name = name
        self.task = task
        self.job = job
        self.project = project
        self.node = node
        self.nodeID = nodeID
        self.address = address
        self.ports = ports
    }
}

/// What changed about where things answer.
public struct ServiceUpdate: Hashable, Sendable {
    /// What was known before is void: this is all there is, or the first part of it.
    public var isWhole: Bool
    public var changed: [ServiceEndpoint]
    public var removed: [TaskID]
    /// Only with what follows it is it all.
    public var continues: Bool

    public init(
        isWhole: Bool = false, changed: [ServiceEndpoint] = [], removed: [TaskID] = [],
        continues: Bool = false
    ) {
        self.isWhole = isWhole
        self.changed = changed
        self.removed = removed
        self.continues = continues
    }

    /// The same in pieces of at most `count` endpoints.
    public func pieces(of count: Int) -> [ServiceUpdate] {
        guard changed.count > count else { return [self] }
        var pieces: [ServiceUpdate] = []
        for start in stride(from: 0, to: changed.count, by: count) {
            let end = min(start + count, changed.count)
            pieces.append(
                ServiceUpdate(
                    isWhole: isWhole && start == 0, changed: Array(changed[start..<end]),
                    removed: start == 0 ? removed : [], continues: end < changed.count || continues))
        }
        return pieces
    }

    public var isEmpty: Bool { !isWhole && changed.isEmpty && removed.isEmpty }
}

extension ServiceEndpoint: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Where one instance answers.",
            [
                .required("id", .string(.identifier), "The task's."),
                .required("attempt", .string(.identifier)),
                .required("name", .string(.name), "The task's name."),
                .required("task", .string(.name), "Which task of the job it is an instance of."),
                .required("job", .string(.name)), .required("project", .string(.name)),
                .required("node", .string), .required("nodeId", .string(.identifier)),
                .required("address", .string, "Where its node is reached."),
                .required("ports", .array(.of(Port.self))),
            ])
    }
}

extension ServiceEndpoint.Port: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A port that an instance is reached by.",
            [
                .optional("name", .string(.name)),
                .required("container", .integer(1...65535), "What the task listens on."),
                .required("port", .integer(1...65535), "What others connect to."),
                .required("address", .string, "The address of the node that it is bound to."),
                .required("transport", .values(PortMapping.Transport.self)),
            ])
    }
}

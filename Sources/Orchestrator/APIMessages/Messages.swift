public import ClusterModel
public import Documents

/// One page of tasks.
public struct TaskPage: Hashable, Sendable, Codable {
    public var items: [TaskRecord]
    /// Where the next page begins; nil on the last.
    public var next: String?

    private enum CodingKeys: String, CodingKey {
        case items
        case next = "nextCursor"
    }

    public init(items: [TaskRecord], next: String?) {
        self.items = items
        self.next = next
    }
}

/// All nodes.
public struct NodePage: Hashable, Sendable, Codable {
    public var items: [Node]

    public init(items: [Node]) { self.items = items }
}

/// How a stop is asked for.
public struct StopRequest: Hashable, Sendable, Codable, SchemaProviding {
    /// Between SIGTERM and SIGKILL; nil for the task's own.
    public var grace: Seconds?

    public init(grace: Seconds? = nil) { self.grace = grace }

    public static var schema: Schema {
        .object(
            "How a stop is asked for.",
            [
                .optional(
                    "grace", .seconds(0...3600), "Between SIGTERM and SIGKILL; the task's own if left out.")
            ])
    }
}

/// Which platform answers.
public struct PlatformVersion: Hashable, Sendable, Codable, SchemaProviding {
    public var version: String
    /// Of the API: `v1`.
    public var api: String

    public init(version: String, api: String) {
        self.version = version
        self.api = api
    }

    public static var schema: Schema {
        .object("Which platform answers.", [.required("version", .string), .required("api", .string)])
    }
}

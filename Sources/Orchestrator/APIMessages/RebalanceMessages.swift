public import ClusterModel
public import Core
public import Documents

/// A task that is moved, or would be.
public struct MoveDescription: Hashable, Sendable, Codable {
    public var task: TaskID
    public var name: String
    public var project: String
    public var from: String
    public var to: String
    public var reason: String

    public init(task: TaskID, name: String, project: String, from: String, to: String, reason: String) {
        self.task = task
        self.name = name
        self.project = project
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// What rebalancing comes to.
public struct RebalanceDescription: Hashable, Sendable, Codable {
    public var moves: [MoveDescription]
    /// Moves under way, these included.
    public var underWay: Int

    public init(moves: [MoveDescription], underWay: Int) {
        self.moves = moves
        self.underWay = underWay
    }
}

extension MoveDescription: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A task that is moved, or would be.",
            [
                .required("task", .string(.identifier)), .required("name", .string),
                .required("project", .string), .required("from", .string, "A node's name."),
                .required("to", .string, "A node's name."), .required("reason", .string),
            ])
    }
}

extension RebalanceDescription: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What rebalancing comes to.",
            [
                .required("moves", .array(.of(MoveDescription.self))),
                .required("underWay", .integer(0...), "Moves under way, these included."),
            ])
    }
}

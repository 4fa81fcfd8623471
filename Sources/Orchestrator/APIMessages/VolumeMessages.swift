public import Core
public import Documents

/// A volume as the API has it.
public struct VolumeDescription: Hashable, Sendable, Codable {
    public var name: String
    public var project: String
    /// The name of its node; nil while no task has used it.
    public var node: String?
    public var createdAt: Timestamp
    public var createdBy: String
    /// The names of the tasks that use it and are not over.
    public var tasks: [String]

    public init(
        name: String, project: String, node: String?, createdAt: Timestamp, createdBy: String, tasks: [String]
    ) {
        self.name = name
        self.project = project
        self.node = node
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.tasks = tasks
    }
}

/// All volumes of a project.
public struct VolumePage: Hashable, Sendable, Codable {
    public var items: [VolumeDescription]

    public init(items: [VolumeDescription]) { self.items = items }
}

/// A volume to make.
public struct VolumeRequest: Hashable, Sendable, Codable {
    public var name: String
    /// The name or the identifier of its node; nil for where it is used first.
    public var node: String?

    public init(name: String, node: String? = nil) {
        self.name = name
        self.node = node
    }
}

extension VolumeDescription: SchemaProviding {
    public static var schemaName: String { "Volume" }
    public static var schema: Schema {
        .object(
            "A directory of one node that outlives the tasks which use it.",
            [
                .required("name", .string(.name)), .required("project", .string(.name)),
                .optional("node", .string, "The name of its node; left out while no task has used it."),
                .required("createdAt", .string(.timestamp)), .required("createdBy", .string),
                .required("tasks", .array(.string(.name)), "Those that use it and are not over."),
            ])
    }
}

extension VolumeRequest: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A volume to make.",
            [
                .required("name", .string(.name), "Unique within the project."),
                .optional(
                    "node", .string(1...253),
                    "The name or the identifier of its node; where it is used first if left out."),
            ])
    }
}

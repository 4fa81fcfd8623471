public import Core
public import Documents

/// A GPU of a node.
public struct GPU: Hashable, Sendable, Codable {
    /// Which of the node's, as its driver counts, from 0.
    public var index: Int
    /// The same over restarts, and what programs are told.
    public var uuid: String
    public var name: String
    public var memory: ByteCount
    /// True for one that is not there any more, and that an attempt still has.
    public var isMissing: Bool?

    public init(index: Int, uuid: String, name: String, memory: ByteCount) {
        self.index = index
        self.uuid = uuid
        self.name = name
        self.memory = memory
    }
}

/// A GPU that an attempt has, and nobody else.
public struct AssignedGPU: Hashable, Sendable, Codable {
    public var index: Int
    public var uuid: String
    /// True once it is not there any more.
    public var isMissing: Bool?

    public init(index: Int, uuid: String) {
        self.index = index
        self.uuid = uuid
    }
}

extension GPU: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A GPU of a node.",
            [
                .required("index", .integer(0...), "Which of the node's, as its driver counts."),
                .required("uuid", .string, "The same over restarts."), .required("name", .string),
                .required("memory", .integer(0...), "Bytes."),
                .optional(
                    "isMissing", .boolean,
                    "True for one that is not there any more, and that a task still has."),
            ])
    }
}

extension AssignedGPU: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A GPU that an attempt has, and nobody else.",
            [
                .required("index", .integer(0...)), .required("uuid", .string),
                .optional("isMissing", .boolean, "True once it is not there any more."),
            ])
    }
}

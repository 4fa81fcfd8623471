public import Documents

/// Why a task is where it is, or nowhere.
public struct TaskExplanation: Hashable, Sendable, Codable {
    public struct Obstacle: Hashable, Sendable, Codable {
        /// How many nodes it rules out.
        public var nodes: Int
        /// What rules them out, such as `have too little memory free`.
        public var reason: String

        public init(nodes: Int, reason: String) {
            self.nodes = nodes
            self.reason = reason
        }
    }

    /// In a sentence, where it is or what it waits for.
    public var summary: String
    /// The name of the node that it is on; nil for a task that is nowhere.
    public var node: String?
    /// How many nodes there are.
    public var nodes: Int
    /// How many would take it now, as one more.
    public var possible: Int
    /// What rules out the others, each node counted once; the most frequent first.
    public var obstacles: [Obstacle]
    /// What would rule nodes out all the same without that: further constraints, and what they are too small for.
    public var besides: [Obstacle]?
    /// What would help, the most promising first.
    public var remedies: [String]
    /// Where another attempt would go; nil where it has none, or there is no choice.
    public var next: String?

    public init(
        summary: String, node: String? = nil, nodes: Int, possible: Int, obstacles: [Obstacle],
        besides: [Obstacle]? = nil,
        remedies: [String], next: String? = nil
    ) {
        self.besides = besides
        self.next = next
        self.summary = summary
        self.node = node
        self.nodes = nodes
        self.possible = possible
        self.obstacles = obstacles
        self.remedies = remedies
    }
}

extension TaskExplanation: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Why a task is where it is, or nowhere.",
            [
                .required("summary", .string, "In a sentence, where it is or what it waits for."),
                .optional("node", .string, "The name of the node that it is on."),
                .required("nodes", .integer(0...), "How many nodes there are."),
                .required("possible", .integer(0...), "How many would take it now, as one more."),
                .required(
                    "obstacles", .array(.of(Obstacle.self)),
                    "What rules out the others, each node counted once."),
                .optional(
                    "besides", .array(.of(Obstacle.self)),
                    "What would rule nodes out all the same without that: further constraints, and sizes."),
                .required("remedies", .array(.string), "What would help."),
                .optional("next", .string, "Where another attempt would go, if it is started again."),
            ])
    }
}

extension TaskExplanation.Obstacle: SchemaProviding {
    public static var schema: Schema {
        .object(
            "Something that rules nodes out.",
            [.required("nodes", .integer(0...)), .required("reason", .string)])
    }
}

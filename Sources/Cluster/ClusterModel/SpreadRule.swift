public import Documents

/// Tasks of a group go evenly over the values that nodes have for a label.
public struct SpreadRule: Hashable, Sendable, Codable {
    /// The label; nodes without it count as one value more.
    public var over: String
    /// How many more than the least a value may have: then a task waits. Nil for what there is room for.
    public var maximumSkew: Int?

    public init(over: String, maximumSkew: Int? = nil) {
        self.over = over
        self.maximumSkew = maximumSkew
    }
}

extension SpreadRule: SchemaProviding {
    public static var schema: Schema {
        .object(
            "The tasks of a group go evenly over the values of a label of the nodes.",
            [
                .required("over", .string(1...253), "The label, such as zone or node.name."),
                .optional(
                    "maximumSkew", .integer(1...10_000),
                    "How many more than the least a value may have: then it waits. Without it, evenly as far as there is room."
                ),
            ])
    }
}

extension SpreadRule: CustomStringConvertible {
    public var description: String { maximumSkew.map { "\(over), at most \($0) apart" } ?? over }
}

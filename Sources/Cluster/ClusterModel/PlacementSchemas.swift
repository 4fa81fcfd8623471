public import Documents
public import Scheduling

extension Constraint: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A condition on a node's labels.",
            [
                .required(
                    "label", .string(1...253),
                    "A label of the node; every node has node.name, node.architecture and node.os."),
                .optional(
                    "relation", .values(Relation.self), default: "in",
                    "Whether the label must have one of the values, none of them, any value, or must not be there."
                ),
                .optional("values", .array(.string(0...256), count: 0...64), default: []),
            ])
    }
}

extension Affinity: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A preference among nodes that can run the task.",
            [
                .required("condition", .of(Constraint.self)),
                .optional(
                    "weight", .integer(-100...100), default: 50,
                    "100 outweighs whatever room there is, -100 shuns such nodes as much."),
            ])
    }
}

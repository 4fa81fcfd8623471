public import Core
public import Documents

/// What the API takes to make a task: a specification and, beside its fields, a name.
public struct TaskRequest: Hashable, Sendable, Codable {
    /// Nil for one made of what the task runs.
    public var name: String?
    public var spec: TaskSpec

    public init(name: String? = nil, spec: TaskSpec) {
        self.name = name
        self.spec = spec
    }

    private enum CodingKeys: String, CodingKey { case name }

    public init(from decoder: any Decoder) throws {
        name = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .name)
        spec = try TaskSpec(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
        try spec.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(name, forKey: .name)
    }

    /// What is wrong with the request beyond its shape, as an error that names the fields; nil when all is well.
    public func fault() -> ApolloError? {
        var faults = spec.faults()
        if spec.group == nil, spec.spread != nil || spec.apart {
            let name = spec.apart ? "apart" : "spread"
            faults.append(
                FieldError(path: name, message: "needs a 'group': what it belongs to, with its like"))
        }
        guard !faults.isEmpty else { return nil }
        let count = faults.count == 1 ? "one thing is" : "\(faults.count) things are"
        return ApolloError(.invalid, "\(count) wrong in the task", fields: faults)
    }
}

extension TaskRequest: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A task to run: a container of 'image', or the 'executable' of the host.",
            [
                .optional(
                    "name", .string(.name),
                    "Unique within the project; made of what the task runs if left out.")
            ]
                + TaskSpec.properties)
    }
}

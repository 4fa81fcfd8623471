public import ClusterModel
public import Core
public import Documents

/// How a node is drained.
public struct DrainRequest: Hashable, Sendable, Codable, SchemaProviding {
    /// Between SIGTERM and SIGKILL; nil for each task's own.
    public var grace: Seconds?

    /// After which time what is still there is killed; nil for never.
    public var deadline: Seconds?

    public init(grace: Seconds? = nil, deadline: Seconds? = nil) {
        self.grace = grace
        self.deadline = deadline
    }

    public static var schema: Schema {
        .object(
            "How a node is drained.",
            [
                .optional(
                    "grace", .seconds(0...3600),
                    "Between SIGTERM and SIGKILL; each task's own if left out."),
                .optional(
                    "deadline", .seconds(0...604_800),
                    "After which time what is still there is killed, whatever grace it has; never if left out."
                ),
            ])
    }
}

/// Labels to set and to remove.
public struct LabelRequest: Hashable, Sendable, Codable, SchemaProviding {
    public var set: [String: String]
    public var remove: [String]

    public init(set: [String: String] = [:], remove: [String] = []) {
        self.set = set
        self.remove = remove
    }

    public static var schema: Schema {
        .object(
            "Labels to set and to remove.",
            [
                .optional("set", .map(of: .string(0...256), maximumCount: 100), default: [:]),
                .optional("remove", .array(.string(1...256)), default: []),
            ])
    }

    /// What is wrong with the labels, as an error that names the fields; nil when all is well.
    public func fault() -> ApolloError? {
        var faults: [FieldError] = []
        for name in set.keys.sorted() + remove {
            let isOwn = ["node.", "runtime."].contains { name.hasPrefix($0) }
            let message: String
            if name.isEmpty {
                message = "a label has a name"
            } else if isOwn {
                message = "'\(name)': labels that begin so are Apollo's own"
            } else if set[name] != nil, !LabelName.isValid(name) {
                message = "'\(name)' is not a label's name: \(LabelName.expectation)"
            } else {
                continue
            }
            faults.append(FieldError(path: set[name] != nil ? "set" : "remove", message: message))
        }
        return faults.isEmpty ? nil : ApolloError(.invalid, "the labels are wrong", fields: faults)
    }

    public func apply(to orders: inout NodeOrders) {
        for name in remove {
            orders.labels[name] = nil
            orders.hiddenLabels.insert(name)
        }
        for (name, value) in set {
            orders.labels[name] = value
            orders.hiddenLabels.remove(name)
        }
    }
}

/// What one task asks of the node that is to run it. Tasks that ask the same are one class: what is found out for one of
/// them holds for all.
public struct Ask: Hashable, Sendable {
    public var amounts: Amounts
    /// What a node must be, whatever room it has.
    public var constraints: [Constraint]
    /// What a node should rather be.
    public var affinities: [Affinity]
    public var spread: Spread?
    /// Nodes that have a task of this group already are out of the question.
    public var apartFrom: String?
    /// Ports of the node that it has alone; number 0 for one that is chosen.
    public var ports: [HostPort]

    public init(
        amounts: Amounts, constraints: [Constraint] = [], affinities: [Affinity] = [], spread: Spread? = nil,
        apartFrom: String? = nil, ports: [HostPort] = []
    ) {
        self.ports = ports
        self.amounts = amounts
        self.constraints = constraints
        self.affinities = affinities
        self.spread = spread
        self.apartFrom = apartFrom
    }
}

/// A condition on a node's labels; `node.name`, `node.architecture` and the like are labels too.
public struct Constraint: Hashable, Sendable, Codable {
    public enum Relation: String, Hashable, Sendable, CaseIterable, Codable {
        /// The label has one of the values.
        case isIn = "in"
        /// The label has none of the values, or is not there.
        case isNotIn = "not-in"
        case exists
        case isAbsent = "absent"
    }

    public var label: String
    public var relation: Relation
    public var values: [String]

    public init(_ label: String, _ relation: Relation, _ values: [String] = []) {
        self.label = label
        self.relation = relation
        self.values = values
    }

    public func holds(for labels: [String: String]) -> Bool {
        switch relation {
        case .isIn: labels[label].map(values.contains) ?? false
        case .isNotIn: !(labels[label].map(values.contains) ?? false)
        case .exists: labels[label] != nil
        case .isAbsent: labels[label] == nil
        }
    }
}

extension Constraint: CustomStringConvertible {
    public var description: String {
        switch relation {
        case .isIn:
            values.count == 1 ? "\(label) = \(values[0])" : "\(label) in \(values.joined(separator: ", "))"
        case .isNotIn:
            values.count == 1
                ? "\(label) != \(values[0])" : "\(label) not in \(values.joined(separator: ", "))"
        case .exists: "\(label) exists"
        case .isAbsent: "\(label) is absent"
        }
    }
}

/// A preference: nodes for which the condition holds are taken first, by weight.
public struct Affinity: Hashable, Sendable, Codable {
    public static let weights: ClosedRange<Int> = -100...100

    public var condition: Constraint
    /// 100 outweighs whatever room there is, -100 shuns the node as much.
    public var weight: Int

    public init(_ condition: Constraint, weight: Int) {
        self.condition = condition
        self.weight = weight
    }
}

/// The tasks of a group go evenly over the values of a label: to the one that has the fewest of them, of those with room.
/// Nodes without the label count as one value more.
public struct Spread: Hashable, Sendable {
    public var label: String
    public var group: String
    /// How many more than the least a value may have; nil for what there is room for.
    public var maximumSkew: Int?

    public init(over label: String, group: String, maximumSkew: Int? = nil) {
        self.label = label
        self.group = group
        self.maximumSkew = maximumSkew
    }
}

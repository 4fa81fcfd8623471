public import Scheduling

extension Constraint {
    /// Which of the conditions no node can fulfil, by themselves or beside those before them, and why.
    public static func faults(_ constraints: [Constraint]) -> [(index: Int, message: String)] {
        var faults: [(index: Int, message: String)] = []
        for (index, constraint) in constraints.enumerated() {
            if let message = constraint.fault {
                faults.append((index, message))
            } else if let other = constraints[..<index].first(where: { constraint.excludes($0) }) {
                faults.append((index, "no node can be '\(constraint)' and '\(other)'"))
            }
        }
        return faults
    }

    private var fault: String? {
        switch relation {
        case _ where !LabelName.isValid(label): "'\(label)' is not a label's name: \(LabelName.expectation)"
        case .isIn where values.isEmpty: "needs 'values': no node can have one of none"
        case .isNotIn where values.isEmpty: "needs 'values'"
        case .exists where !values.isEmpty, .isAbsent where !values.isEmpty:
            "takes no 'values': '\(relation.rawValue)' asks for none"
        default: nil
        }
    }

    private func excludes(_ other: Constraint) -> Bool {
        guard label == other.label else { return false }
        switch (relation, other.relation) {
        case (.isIn, .isIn): return Set(values).isDisjoint(with: other.values)
        case (.isIn, .isNotIn): return Set(values).isSubset(of: other.values)
        case (.isNotIn, .isIn): return Set(other.values).isSubset(of: values)
        case (.isIn, .isAbsent), (.exists, .isAbsent), (.isAbsent, .isIn), (.isAbsent, .exists): return true
        default: return false
        }
    }
}

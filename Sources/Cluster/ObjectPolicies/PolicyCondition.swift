import Core
import Documents

/// One condition of a statement: an operator, the key that it is about, and the values that it compares with.
struct PolicyCondition: Hashable, Sendable {
    /// How many of a key's values have to fit, where a request has several.
    enum Quantifier: Hashable, Sendable {
        case one
        case any
        case all
    }

    enum Operator: String, Hashable, Sendable, CaseIterable {
        case stringEquals, stringNotEquals, stringEqualsIgnoreCase, stringNotEqualsIgnoreCase, stringLike,
            stringNotLike
        case numericEquals, numericNotEquals, numericLessThan, numericLessThanEquals, numericGreaterThan,
            numericGreaterThanEquals
        case dateEquals, dateNotEquals, dateLessThan, dateLessThanEquals, dateGreaterThan,
            dateGreaterThanEquals
        case bool, ipAddress, notIpAddress, arnEquals, arnNotEquals, arnLike, arnNotLike, null

        /// Whether none of the values may fit.
        var isNegative: Bool { rawValue.lowercased().contains("not") }
    }

    let comparison: Operator
    let quantifier: Quantifier
    /// Whether it holds of a request that has no such key.
    let ifExists: Bool
    /// In lower case.
    let key: String
    let values: [String]

    /// - Parameter name: such as `ForAnyValue:StringLikeIfExists`.
    init(_ name: String, key: String, values: [String]) throws(PolicyError) {
        var rest = Substring(name.lowercased())
        var quantifier = Quantifier.one
        for (prefix, found) in [("foranyvalue:", Quantifier.any), ("forallvalues:", .all)]
        where rest.hasPrefix(prefix) {
            quantifier = found
            rest = rest.dropFirst(prefix.count)
        }
        ifExists = rest.hasSuffix("ifexists")
        if ifExists { rest = rest.dropLast("ifexists".count) }
        guard let found = Operator.allCases.first(where: { $0.rawValue.lowercased() == rest }) else {
            throw PolicyError("the condition '\(name.prefix(80))' is not known")
        }
        guard !values.isEmpty else { throw PolicyError("the condition '\(name.prefix(80))' has no values") }
        (comparison, self.quantifier) = (found, quantifier)
        self.key = key.lowercased()
        self.values = values
        for value in values where !isValid(value) {
            throw PolicyError("'\(value.prefix(80))' is no value for the condition '\(name.prefix(80))'")
        }
    }

    private func isValid(_ value: String) -> Bool {
        switch comparison {
        case .numericEquals, .numericNotEquals, .numericLessThan, .numericLessThanEquals, .numericGreaterThan,
            .numericGreaterThanEquals:
            Double(value) != nil
        case .dateEquals, .dateNotEquals, .dateLessThan, .dateLessThanEquals, .dateGreaterThan,
            .dateGreaterThanEquals:
            Self.date(value) != nil
        case .bool, .null: value.lowercased() == "true" || value.lowercased() == "false"
        case .ipAddress, .notIpAddress: AddressRange(value) != nil
        default: true
        }
    }

    func holds(_ context: [String: [String]]) -> Bool {
        let found = context[key] ?? []
        if comparison == .null { return values.contains { ($0.lowercased() == "true") == found.isEmpty } }
        guard !found.isEmpty else { return ifExists || comparison.isNegative || quantifier == .all }
        switch quantifier {
        case .one, .any: return found.contains(where: fits)
        case .all: return found.allSatisfy(fits)
        }
    }

    /// Whether one value of a request does.
    private func fits(_ text: String) -> Bool {
        comparison.isNegative
            ? values.allSatisfy { !isSame($0, text) } : values.contains { isSame($0, text) }
    }

    /// The comparison itself, without its negation.
    private func isSame(_ value: String, _ text: String) -> Bool {
        switch comparison {
        case .stringEquals, .stringNotEquals: value.utf8.elementsEqual(text.utf8)
        case .stringEqualsIgnoreCase, .stringNotEqualsIgnoreCase: value.lowercased() == text.lowercased()
        case .stringLike, .stringNotLike, .arnEquals, .arnNotEquals, .arnLike, .arnNotLike:
            Wildcard.matches(value, text)
        case .numericEquals, .numericNotEquals: compare(Double(text), Double(value), ==)
        case .numericLessThan: compare(Double(text), Double(value), <)
        case .numericLessThanEquals: compare(Double(text), Double(value), <=)
        case .numericGreaterThan: compare(Double(text), Double(value), >)
        case .numericGreaterThanEquals: compare(Double(text), Double(value), >=)
        case .dateEquals, .dateNotEquals: compare(Self.date(text), Self.date(value), ==)
        case .dateLessThan: compare(Self.date(text), Self.date(value), <)
        case .dateLessThanEquals: compare(Self.date(text), Self.date(value), <=)
        case .dateGreaterThan: compare(Self.date(text), Self.date(value), >)
        case .dateGreaterThanEquals: compare(Self.date(text), Self.date(value), >=)
        case .bool: value.lowercased() == text.lowercased()
        case .ipAddress, .notIpAddress: AddressRange(value)?.contains(text) ?? false
        case .null: false
        }
    }

    private func compare<Value>(_ a: Value?, _ b: Value?, _ body: (Value, Value) -> Bool) -> Bool {
        guard let a, let b else { return false }
        return body(a, b)
    }

    /// RFC 3339, or seconds since 1970.
    private static func date(_ text: String) -> Timestamp? {
        Timestamp(parsing: text)
            ?? Int64(text).flatMap { seconds in
                abs(seconds) < 1 << 40 ? Timestamp(microseconds: seconds * 1_000_000) : nil
            }
    }
}

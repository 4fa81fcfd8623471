import Documents

/// One statement of a policy.
struct PolicyStatement: Hashable, Sendable {
    enum Principals: Hashable, Sendable {
        case everyone
        case named([String])
        case others([String])

        func contains(_ principal: String?) -> Bool {
            switch self {
            case .everyone: true
            case .named(let names): principal.map { names.contains($0) } ?? false
            case .others(let names): principal.map { !names.contains($0) } ?? true
            }
        }
    }

    /// Patterns that one of has to fit, or none.
    struct Patterns: Hashable, Sendable {
        let all: [String]
        let isNegative: Bool

        func contains(_ text: String) -> Bool {
            all.contains { Wildcard.matches($0, text) } != isNegative
        }
    }

    let allows: Bool
    let principals: Principals
    /// In lower case.
    let actions: Patterns
    let resources: Patterns
    let conditions: [PolicyCondition]

    private static let keys: Set<String> = [
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
        "Condition",
    ]

    init(_ value: JSONValue, bucket: String) throws(PolicyError) {
        guard case .object(let object) = value else { throw PolicyError("a statement is no object") }
        for key in object.keys where !Self.keys.contains(key) {
            throw PolicyError("'\(key.prefix(80))' of a statement is not known")
        }
        switch object["Effect"]?.string {
        case "Allow": allows = true
        case "Deny": allows = false
        default: throw PolicyError("the effect of a statement is neither Allow nor Deny")
        }
        principals = try Self.principals(object, allows: allows)
        let actions = try Self.patterns(object, "Action")
        guard actions.all.allSatisfy({ $0 == "*" || $0.lowercased().hasPrefix("s3:") }) else {
            throw PolicyError("an action is none of s3")
        }
        self.actions = Patterns(all: actions.all.map { $0.lowercased() }, isNegative: actions.isNegative)
        resources = try Self.patterns(object, "Resource")
        for resource in resources.all {
            let prefix = "arn:aws:s3:::"
            let name = resource.dropFirst(prefix.count).prefix { $0 != "/" }
            guard resource.hasPrefix(prefix), Wildcard.matches(String(name), bucket) else {
                throw PolicyError("the resource '\(resource.prefix(80))' is not in this bucket")
            }
        }
        conditions = try Self.conditions(object["Condition"])
    }

    func applies(to request: PolicyRequest) -> Bool {
        principals.contains(request.principal) && actions.contains(request.action.lowercased())
            && resources.contains(request.resource) && conditions.allSatisfy { $0.holds(request.context) }
    }

    private static func patterns(_ object: JSONObject, _ name: String) throws(PolicyError) -> Patterns {
        let (named, others) = (object[name], object["Not\(name)"])
        guard let value = named ?? others, named == nil || others == nil else {
            throw PolicyError("a statement needs either \(name) or Not\(name)")
        }
        return Patterns(all: try texts(value, name), isNegative: named == nil)
    }

    private static func texts(_ value: JSONValue, _ name: String) throws(PolicyError) -> [String] {
        let texts: [String?]
        switch value {
        case .string(let text): texts = [text]
        case .bool(let value): texts = ["\(value)"]
        case .integer(let number): texts = ["\(number)"]
        case .array(let values): texts = values.map(\.string)
        default: texts = []
        }
        let found = texts.compactMap(\.self)
        guard !found.isEmpty, found.count == texts.count else {
            throw PolicyError("\(name.prefix(80)) is neither a text nor a list of texts")
        }
        return found
    }

    private static func conditions(_ value: JSONValue?) throws(PolicyError) -> [PolicyCondition] {
        guard let value else { return [] }
        guard case .object(let operators) = value else { throw PolicyError("Condition is no object") }
        var conditions: [PolicyCondition] = []
        for comparison in operators.members {
            guard case .object(let keys) = comparison.value else {
                throw PolicyError("the condition '\(comparison.key.prefix(80))' is no object")
            }
            for member in keys.members {
                guard PolicyKeys.isKnown(member.key) else {
                    throw PolicyError("the condition's key '\(member.key.prefix(80))' is not known here")
                }
                conditions.append(
                    try PolicyCondition(
                        comparison.key, key: member.key, values: try texts(member.value, member.key)))
            }
        }
        return conditions
    }

    // MARK: Principals

    private static func principals(_ object: JSONObject, allows: Bool) throws(PolicyError) -> Principals {
        let (named, others) = (object["Principal"], object["NotPrincipal"])
        guard let value = named ?? others, named == nil || others == nil else {
            throw PolicyError("a statement needs either Principal or NotPrincipal")
        }
        // Everybody but some would be allowed what nobody thought of.
        guard named != nil || !allows else { throw PolicyError("Allow with NotPrincipal is not taken") }
        var names: [String] = []
        if value.string == "*" {
            names = ["*"]
        } else if case .object(let kinds) = value {
            for kind in kinds.members {
                for text in try texts(kind.value, "Principal") {
                    // Nobody here is of another kind, or of another's accounts: to allow them something is harmless.
                    guard let name = name(text, kind.key) else {
                        if allows { continue }
                        throw PolicyError("the principal '\(text.prefix(80))' cannot be told here")
                    }
                    names.append(name)
                }
            }
        } else {
            throw PolicyError("a principal is neither * nor an object")
        }
        if names.contains("*") {
            guard named != nil else { throw PolicyError("NotPrincipal is everybody") }
            return .everyone
        }
        return named != nil ? .named(names) : .others(names)
    }

    /// A principal as S3 names it: by its name, or as the user of no account. Nil for what is none of this platform.
    private static func name(_ text: String, _ kind: String) -> String? {
        guard kind == "AWS" || kind == "CanonicalUser" else { return nil }
        let prefix = "arn:aws:iam:::user/"
        if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
        return text.hasPrefix("arn:") ? nil : text
    }
}

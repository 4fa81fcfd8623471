import Core

extension Schema {
    /// What a check found: the value with defaults filled in and units converted, and everything that is wrong.
    public struct Outcome: Hashable, Sendable {
        public var value: JSONValue
        public var violations: [Violation]
    }

    /// Checks `document` and collects what is wrong with it, at most `limit` things.
    public func check(_ document: Document, limit: Int = 32) -> Outcome {
        var check = SchemaCheck(document: document, limit: limit)
        let value = check.visit(document.value, self, .root)
        return Outcome(value: value, violations: check.violations)
    }

    /// What is wrong with `document`; empty when nothing is.
    public func validate(_ document: Document, limit: Int = 32) -> [Violation] {
        check(document, limit: limit).violations
    }
}

/// One walk over a document, along its schema.
struct SchemaCheck {
    let document: Document
    let limit: Int
    private(set) var violations: [Violation] = []
    private var depth = 0
    /// More than any document of the depth that readers allow needs, references and alternatives included.
    private static let maximumDepth = 512

    init(document: Document, limit: Int) {
        self.document = document
        self.limit = limit
    }

    /// Returns what `value` means under `schema`, or `value` itself where it is wrong.
    mutating func visit(_ value: JSONValue, _ schema: Schema, _ path: DocumentPath) -> JSONValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            add(path, "is nested too deep")
            return value
        }
        if value.isNull, schema.isNullable { return value }
        switch schema.kind {
        case .any: return value
        case .null: require(value.isNull, path, "must be null")
        case .boolean: require(value.bool != nil, path, Self.wrongKind("true or false", value))
        case .integer(let range): return integer(value, range, path)
        case .number(let minimum, let maximum): number(value, minimum, maximum, path)
        case .string(let rules): string(value, rules, path)
        case .array(let items, let count): return array(value, items, count, path)
        case .object(let rules): return object(value, rules, path)
        case .reference(_, let resolve): return visit(value, resolve(), path)
        case .oneOf(let alternatives): return oneOf(value, alternatives, path)
        case .byteCount(let range): return byteCount(value, range, path)
        case .seconds(let range): return seconds(value, range, path)
        }
        return value
    }

    private mutating func add(_ path: DocumentPath, _ message: String, atKey: Bool = false) {
        guard violations.count < limit else { return }
        let location = atKey ? document.keyLocation(of: path) : document.location(of: path)
        violations.append(Violation(path: path, message: message, location: location))
    }

    private mutating func require(
        _ holds: Bool, _ path: DocumentPath, _ message: @autoclosure () -> String
    ) {
        if !holds { add(path, message()) }
    }

    private static func wrongKind(_ expected: String, _ value: JSONValue) -> String {
        "must be \(expected), not \(value.kindName)"
    }

    // MARK: Scalars

    private mutating func integer(
        _ value: JSONValue, _ range: ClosedRange<Int64>?, _ path: DocumentPath
    ) -> JSONValue {
        guard let number = value.double else {
            add(path, Self.wrongKind("a whole number", value))
            return value
        }
        guard let integer = value.integer else {
            let isWhole = number == number.rounded()
            add(path, isWhole ? "is too large a number\(Self.bounds(range))" : "must be a whole number")
            return value
        }
        if let range, !range.contains(integer) { add(path, "must be\(Self.bounds(range))") }
        return .integer(integer)
    }

    private static func bounds(_ range: ClosedRange<Int64>?) -> String {
        guard let range else { return "" }
        if range.upperBound == .max { return " at least \(range.lowerBound)" }
        if range.lowerBound == .min { return " at most \(range.upperBound)" }
        return " between \(range.lowerBound) and \(range.upperBound)"
    }

    private mutating func number(
        _ value: JSONValue, _ minimum: Double?, _ maximum: Double?, _ path: DocumentPath
    ) {
        guard let number = value.double else { return add(path, Self.wrongKind("a number", value)) }
        let isInside = number >= minimum ?? -.infinity && number <= maximum ?? .infinity
        switch (minimum, maximum) {
        case _ where isInside: break
        case (let minimum?, let maximum?):
            add(path, "must be between \(Self.plain(minimum)) and \(Self.plain(maximum))")
        case (let minimum?, nil): add(path, "must be at least \(Self.plain(minimum))")
        case (nil, let maximum?): add(path, "must be at most \(Self.plain(maximum))")
        case (nil, nil): add(path, "must be a number")
        }
    }

    /// `60` rather than `60.0`.
    private static func plain(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? number.description
    }

    private mutating func string(_ value: JSONValue, _ rules: StringRules, _ path: DocumentPath) {
        guard let text = value.string else {
            let expected = rules.allowed.map { "one of \($0.joined(separator: ", "))" } ?? "a string"
            return add(path, Self.wrongKind(expected, value))
        }
        if let allowed = rules.allowed {
            guard !allowed.contains(text) else { return }
            let near = nearestName(to: text, among: allowed).map { "; did you mean '\($0)'?" } ?? ""
            return add(path, "must be one of \(allowed.joined(separator: ", "))\(near)")
        }
        if let format = rules.format, !format.accepts(text) {
            return add(path, "must be \(format.expectation)")
        }
        let count = text.unicodeScalars.count
        if count < rules.length.lowerBound {
            add(
                path,
                count == 0 ? "must not be empty" : "must have at least \(rules.length.lowerBound) characters")
        } else if count > rules.length.upperBound {
            add(path, "must have at most \(rules.length.upperBound) characters; it has \(count)")
        }
    }

    // MARK: Containers

    private mutating func array(
        _ value: JSONValue, _ items: Schema, _ count: ClosedRange<Int>, _ path: DocumentPath
    ) -> JSONValue {
        guard let values = value.array else {
            add(path, Self.wrongKind("a list", value))
            return value
        }
        if values.count < count.lowerBound {
            add(
                path, values.isEmpty ? "must not be empty" : "must have at least \(count.lowerBound) elements"
            )
        } else if values.count > count.upperBound {
            add(path, "must have at most \(count.upperBound) elements; it has \(values.count)")
            return value
        }
        var result: [JSONValue] = []
        result.reserveCapacity(values.count)
        for (index, element) in values.enumerated() {
            result.append(visit(element, items, path.appending(index)))
        }
        return .array(result)
    }

    private mutating func object(
        _ value: JSONValue, _ rules: ObjectRules, _ path: DocumentPath
    ) -> JSONValue {
        guard case .object(let object) = value else {
            add(path, Self.wrongKind("an object", value))
            return value
        }
        var result = JSONObject()
        for member in object.members where violations.count < limit {
            let place = path.appending(member.key)
            if let property = rules.properties.first(where: { $0.name == member.key }) {
                // Null for what may be left out means the same as leaving it out.
                let isAbsent = member.value.isNull && !property.isRequired && !property.schema.isNullable
                if !isAbsent { result.append(member.key, visit(member.value, property.schema, place)) }
            } else if let additional = rules.additional {
                if let keys = rules.additionalKeys, !keys.accepts(member.key) {
                    add(place, "the key must be \(keys.expectation)", atKey: true)
                }
                result.append(member.key, visit(member.value, additional, place))
            } else {
                add(place, Self.unknown(member.key, rules), atKey: true)
            }
        }
        let bound = rules.maximumCount
        if rules.additional != nil, object.count > bound {
            add(path, "must have at most \(bound) members; it has \(object.count)")
        }
        complete(&result, rules, path)
        return .object(result)
    }

    private static func unknown(_ key: String, _ rules: ObjectRules) -> String {
        let names = rules.properties.map(\.name)
        if let near = nearestName(to: key, among: names) {
            return "there is no such field; did you mean '\(near)'?"
        }
        guard !names.isEmpty, names.count <= 24 else { return "there is no such field" }
        return "there is no such field; the fields are \(names.joined(separator: ", "))"
    }

    /// Puts in the defaults, and names what must be there and is not.
    private mutating func complete(_ object: inout JSONObject, _ rules: ObjectRules, _ path: DocumentPath) {
        for property in rules.properties where object[property.name] == nil {
            let place = path.appending(property.name)
            if property.isRequired {
                add(place, "is required")
            } else if let value = property.schema.defaultValue {
                object.append(property.name, visit(value, property.schema, place))
            }
        }
    }

    // MARK: Alternatives and units

    private mutating func oneOf(
        _ value: JSONValue, _ alternatives: [Schema], _ path: DocumentPath
    ) -> JSONValue {
        var candidates: [SchemaCheck] = []
        for schema in alternatives {
            var trial = SchemaCheck(document: document, limit: limit)
            trial.depth = depth
            let result = trial.visit(value, schema, path)
            if trial.violations.isEmpty { return result }
            // One that fails inside, not at the value as a whole, is the one that was meant.
            if trial.violations.contains(where: { $0.path != path }) { candidates.append(trial) }
        }
        if let meant = candidates.min(by: { $0.violations.count < $1.violations.count }) {
            for violation in meant.violations where violations.count < limit { violations.append(violation) }
        } else {
            add(path, "must be \(alternatives.map(\.summary).joined(separator: ", or "))")
        }
        return value
    }

    private mutating func byteCount(
        _ value: JSONValue, _ range: ClosedRange<Int64>, _ path: DocumentPath
    ) -> JSONValue {
        guard let bytes = value.integer ?? value.string.flatMap({ ByteCount(parsing: $0)?.bytes }) else {
            add(path, "must be a number of bytes, or a size such as 512Mi or 1.5Gi")
            return value
        }
        if !range.contains(bytes) {
            let low = ByteCount(range.lowerBound)
            let high = ByteCount(range.upperBound)
            add(
                path,
                range.upperBound == .max ? "must be at least \(low)" : "must be between \(low) and \(high)")
        }
        return .integer(bytes)
    }

    private mutating func seconds(
        _ value: JSONValue, _ range: ClosedRange<Double>, _ path: DocumentPath
    ) -> JSONValue {
        let seconds = value.double ?? value.string.flatMap { Duration(parsing: $0)?.inSeconds }
        guard let seconds else {
            add(path, "must be a number of seconds, or a duration such as 30s or 1m30s")
            return value
        }
        if !range.contains(seconds) {
            let low = Self.plain(range.lowerBound)
            add(path, "must be between \(low) and \(Self.plain(range.upperBound)) seconds")
        }
        return .number(seconds)
    }
}

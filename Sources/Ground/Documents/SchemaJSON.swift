extension Schema {
    /// The JSON Schema, with references to `#/components/schemas/`.
    public var json: JSONValue { json(referencesUnder: "#/components/schemas/") }

    /// The JSON Schema, with references to names under `prefix`.
    public func json(referencesUnder prefix: String) -> JSONValue {
        var object = shape(prefix)
        if isNullable { object = Self.allowingNull(object) }
        if let description { object.append("description", .string(description)) }
        if let defaultValue { object.append("default", defaultValue) }
        if !examples.isEmpty { object.append("examples", .array(examples)) }
        return .object(object)
    }

    /// One document for editors and validators, with everything it refers to under `$defs`.
    public var standaloneJSON: JSONValue {
        var object = JSONObject()
        object.append("$schema", "https://json-schema.org/draft/2020-12/schema")
        if case .object(let own) = json(referencesUnder: "#/$defs/") {
            for member in own.members { object.append(member.key, member.value) }
        }
        let named = namedSchemas
        if !named.isEmpty {
            object.append(
                "$defs",
                .object(
                    JSONObject(
                        named.map {
                            JSONObject.Member(
                                key: $0.name, value: $0.schema.json(referencesUnder: "#/$defs/"))
                        })))
        }
        return .object(object)
    }

    /// Every named schema this one leads to, each once, by name.
    public var namedSchemas: [(name: String, schema: Schema)] {
        var found: [String: Schema] = [:]
        collect(into: &found)
        return found.sorted { $0.key < $1.key }.map { (name: $0.key, schema: $0.value) }
    }

    private func collect(into found: inout [String: Schema]) {
        switch kind {
        case .array(let items, _): items.collect(into: &found)
        case .object(let rules):
            for property in rules.properties { property.schema.collect(into: &found) }
            rules.additional?.collect(into: &found)
        case .oneOf(let alternatives):
            for alternative in alternatives { alternative.collect(into: &found) }
        case .reference(let name, let resolve):
            guard found[name] == nil else { return }
            let schema = resolve()
            found[name] = schema
            schema.collect(into: &found)
        default: break
        }
    }

    /// A few words for messages that list alternatives.
    var summary: String {
        switch kind {
        case .any: "anything"
        case .null: "null"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string(let rules):
            rules.allowed.map { "one of \($0.joined(separator: ", "))" } ?? rules.format?.expectation
                ?? "a string"
        case .array: "a list"
        case .object: "an object"
        case .reference(let name, _): "a \(name)"
        case .oneOf(let alternatives): alternatives.map(\.summary).joined(separator: ", or ")
        case .byteCount: "a size such as 512Mi"
        case .seconds: "a number of seconds or a duration such as 30s"
        }
    }

    private static func allowingNull(_ object: JSONObject) -> JSONObject {
        var object = object
        if let type = object["type"] {
            object["type"] = [type, "null"]
            if let values = object["enum"]?.array { object["enum"] = .array(values + [.null]) }
            return object
        }
        if let alternatives = object["oneOf"]?.array {
            object["oneOf"] = .array(alternatives + [["type": "null"]])
            return object
        }
        guard !object.isEmpty else { return object }
        return JSONObject([.init(key: "anyOf", value: [.object(object), ["type": "null"]])])
    }

    private func shape(_ prefix: String) -> JSONObject {
        var object = JSONObject()
        switch kind {
        case .any: break
        case .null: object.append("type", "null")
        case .boolean: object.append("type", "boolean")
        case .integer(let range):
            object.append("type", "integer")
            if let range { Self.appendBounds(range, to: &object) }
        case .number(let minimum, let maximum):
            object.append("type", "number")
            if let minimum { object.append("minimum", .number(minimum)) }
            if let maximum { object.append("maximum", .number(maximum)) }
        case .string(let rules): Self.append(rules, to: &object)
        case .array(let items, let count):
            object.append("type", "array")
            object.append("items", items.json(referencesUnder: prefix))
            if count.lowerBound > 0 { object.append("minItems", .integer(Int64(count.lowerBound))) }
            if count.upperBound < .max { object.append("maxItems", .integer(Int64(count.upperBound))) }
        case .object(let rules): Self.append(rules, prefix, to: &object)
        case .reference(let name, _): object.append("$ref", .string(prefix + name))
        case .oneOf(let alternatives):
            object.append("oneOf", .array(alternatives.map { $0.json(referencesUnder: prefix) }))
        case .byteCount(let range):
            var number: JSONObject = JSONObject([.init(key: "type", value: "integer")])
            Self.appendBounds(range, to: &number)
            let text: JSONValue = ["type": "string", "pattern": "^[0-9.]+([kKMGT]i?)?B?$"]
            object.append("oneOf", [.object(number), text])
        case .seconds(let range):
            object.append(
                "oneOf",
                [
                    [
                        "type": "number", "minimum": .number(range.lowerBound),
                        "maximum": .number(range.upperBound),
                    ], StringFormat.duration.json,
                ])
        }
        return object
    }

    private static func appendBounds(_ range: ClosedRange<Int64>, to object: inout JSONObject) {
        if range.lowerBound > .min { object.append("minimum", .integer(range.lowerBound)) }
        if range.upperBound < .max { object.append("maximum", .integer(range.upperBound)) }
    }

    private static func append(_ rules: StringRules, to object: inout JSONObject) {
        object.append("type", "string")
        if let allowed = rules.allowed { object.append("enum", .array(allowed.map { .string($0) })) }
        if let format = rules.format {
            object.append("format", .string(format.name))
            if let pattern = format.pattern { object.append("pattern", .string(pattern)) }
        }
        if rules.length.lowerBound > 0 {
            object.append("minLength", .integer(Int64(rules.length.lowerBound)))
        }
        if rules.length.upperBound < .max {
            object.append("maxLength", .integer(Int64(rules.length.upperBound)))
        }
    }

    private static func append(_ rules: ObjectRules, _ prefix: String, to object: inout JSONObject) {
        object.append("type", "object")
        if !rules.properties.isEmpty {
            object.append(
                "properties",
                .object(
                    JSONObject(
                        rules.properties.map {
                            // What may be left out may be null, which means the same.
                            JSONObject.Member(
                                key: $0.name,
                                value: ($0.isRequired ? $0.schema : $0.schema.orNull).json(
                                    referencesUnder: prefix))
                        })))
            let required = rules.properties.filter(\.isRequired).map { JSONValue.string($0.name) }
            if !required.isEmpty { object.append("required", .array(required)) }
        }
        guard let additional = rules.additional else {
            return object.append("additionalProperties", false)
        }
        object.append("additionalProperties", additional.json(referencesUnder: prefix))
        if let keys = rules.additionalKeys { object.append("propertyNames", keys.json) }
        object.append("maxProperties", .integer(Int64(rules.maximumCount + rules.properties.count)))
    }
}

extension StringFormat {
    fileprivate var json: JSONValue {
        var object = JSONObject([
            .init(key: "type", value: "string"), .init(key: "format", value: .string(name)),
        ])
        if let pattern { object.append("pattern", .string(pattern)) }
        return .object(object)
    }
}

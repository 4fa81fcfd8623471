import Core
import Documents

/// What is empty on the wire was left out.
extension JSONObject {
    mutating func set(_ key: String, _ text: String) {
        if !text.isEmpty { self[key] = .string(text) }
    }

    mutating func set(_ key: String, _ number: Int64) {
        if number != 0 { self[key] = .integer(number) }
    }

    mutating func set(_ key: String, _ texts: [String]) {
        if !texts.isEmpty { self[key] = .array(texts.map { .string($0) }) }
    }

    mutating func set(_ key: String, _ values: [JSONValue]) {
        if !values.isEmpty { self[key] = .array(values) }
    }

    mutating func set(_ key: String, _ texts: [String: String]) {
        guard !texts.isEmpty else { return }
        let members = texts.sorted { $0.key < $1.key }.map {
            JSONObject.Member(key: $0.key, value: .string($0.value))
        }
        self[key] = .object(JSONObject(members))
    }

    /// JSON has no infinities and no NaN.
    mutating func set(_ key: String, _ number: Double?) throws(ApolloError) {
        guard let number else { return }
        guard number.isFinite else {
            throw ApolloError(
                .invalid, "'\(key)' is not a number",
                fields: [FieldError(path: key, message: "must be a finite number")])
        }
        self[key] = .number(number)
    }
}

public import Core
import Documents

/// What a form has to be for an object to be made of it (Amazon S3, "POST Policy"): signed by whom the form is from.
public struct PostPolicy: Hashable, Sendable {
    enum Condition: Hashable, Sendable {
        case equals(String, String)
        case startsWith(String, String)
    }

    /// Why a form is not taken.
    public enum Refusal: Error, Hashable, Sendable {
        case expired
        /// A condition does not hold: which.
        case failed(String)
        /// No condition is about a field.
        case extra(String)
        case tooLarge
        case tooSmall
    }

    public let expires: Timestamp
    let conditions: [Condition]
    /// How many bytes the file may have.
    public let length: ClosedRange<Int64>

    /// Fields that no condition has to be about, in lower case.
    private static let free: Set<String> = [
        "policy", "signature", "awsaccesskeyid", "file", "x-amz-signature", "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date", "bucket",
    ]

    public init(_ bytes: [UInt8]) throws(PolicyError) {
        let root: JSONValue
        do throws(JSONError) { root = try JSONReader(maximumDepth: 4).read(bytes) } catch {
            throw PolicyError("it is no JSON: \(error.description)")
        }
        guard let text = root["expiration"]?.string, text.contains("T"), text.hasSuffix("Z"),
            let expires = Timestamp(parsing: text)
        else {
            throw PolicyError("it has no expiration")
        }
        self.expires = expires
        guard let values = root["conditions"]?.array else { throw PolicyError("it has no conditions") }
        var (conditions, length): ([Condition], ClosedRange<Int64>) = ([], 0...Int64.max)
        for value in values {
            if let found = try Self.range(value) {
                length = found
            } else {
                conditions += try Self.conditions(value)
            }
        }
        (self.conditions, self.length) = (conditions, length)
    }

    private static func range(_ value: JSONValue) throws(PolicyError) -> ClosedRange<Int64>? {
        guard case .array(let parts) = value, parts.first?.string?.lowercased() == "content-length-range"
        else {
            return nil
        }
        func number(_ index: Int) -> Int64? {
            value[index]?.integer ?? value[index]?.string.flatMap { Int64($0) }
        }
        guard parts.count == 3, let least = number(1), let most = number(2), least >= 0, least <= most else {
            throw PolicyError("a content-length-range is two numbers")
        }
        return least...most
    }

    private static func conditions(_ value: JSONValue) throws(PolicyError) -> [Condition] {
        switch value {
        case .object(let object) where !object.isEmpty:
            var conditions: [Condition] = []
            for member in object.members {
                guard let text = member.value.string else { throw PolicyError("a condition is no text") }
                conditions.append(.equals(member.key.lowercased(), text))
            }
            return conditions
        case .array(let parts):
            let texts = parts.compactMap(\.string)
            guard texts.count == 3, parts.count == 3, texts[1].hasPrefix("$") else {
                throw PolicyError("a condition is [\"eq\" or \"starts-with\", \"$field\", \"value\"]")
            }
            let name = texts[1].dropFirst().lowercased()
            switch texts[0].lowercased() {
            case "eq": return [.equals(name, texts[2])]
            case "starts-with": return [.startsWith(name, texts[2])]
            default: throw PolicyError("'\(texts[0].prefix(40))' is no condition")
            }
        default: throw PolicyError("a condition is neither an object nor a list")
        }
    }

    /// Whether a form may be taken at `now`.
    ///
    /// - Parameter fields: by their names in lower case, with the bucket as `bucket`.
    public func check(_ fields: [String: String], at now: Timestamp) throws(Refusal) {
        guard now < expires else { throw .expired }
        var covered: Set<String> = []
        for condition in conditions {
            switch condition {
            case .equals(let name, let value):
                covered.insert(name)
                guard fields[name] == value else { throw .failed("[\"eq\", \"$\(name)\", \"\(value)\"]") }
            case .startsWith(let name, let value):
                covered.insert(name)
                // A field that is not there begins with nothing, as one that is empty.
                guard (fields[name] ?? "").utf8.starts(with: value.utf8) else {
                    throw .failed("[\"starts-with\", \"$\(name)\", \"\(value)\"]")
                }
            }
        }
        for name in fields.keys where !covered.contains(name) && !Self.free.contains(name) {
            guard name.hasPrefix("x-ignore-") || name.hasPrefix("x-amz-checksum-") else { throw .extra(name) }
        }
    }

    /// Whether a file may have so many bytes.
    public func check(length bytes: Int64) throws(Refusal) {
        if bytes > length.upperBound { throw .tooLarge }
        if bytes < length.lowerBound { throw .tooSmall }
    }
}
